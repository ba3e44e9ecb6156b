"""Who lives in the demo, and passwords for them: words that are easy to read off a screen and type.

The passwords are as random as they look: four of 255 words. That is far too little for a service
that anybody can reach, and enough for one that listens on its own machine and is gone tonight.
"""

from __future__ import annotations

import secrets

from twostep.crypto.secret import Secret

ADMINISTRATORS = ("morgan", "robin")
USERS = (
    ("ann", "bo", "eve", "finn", "gus"),
    ("cleo", "dan", "hana", "ida", "jon"),
)
"""The first names of each environment; further users get one of them with a number."""

SURNAMES = {
    "morgan": "Hale",
    "robin": "Quist",
    "ann": "Lee",
    "bo": "Leeds",
    "eve": "Marlow",
    "finn": "Okoro",
    "gus": "Pereira",
    "cleo": "Ashby",
    "dan": "Brandt",
    "hana": "Sato",
    "ida": "Nyberg",
    "jon": "Leeson",
}
"""Further users go without one: their user name tells them from each other."""

WORDS_IN_A_PASSWORD = 4


def user_name(environment: int, number: int) -> str:
    """The name of a user, both counted from 0."""
    names = USERS[environment]
    name = names[number % len(names)]
    return name if number < len(names) else f"{name}{number // len(names) + 1}"


def full_name(user_name: str) -> str:
    """What that person is called; empty where nobody has said."""
    surname = SURNAMES.get(user_name)
    return "" if surname is None else f"{user_name.capitalize()} {surname}"


def password() -> Secret[str]:
    """Four words of at least four letters: 19 characters or more."""
    return Secret("-".join(secrets.choice(WORDS) for _ in range(WORDS_IN_A_PASSWORD)))


_LIST = """
    acorn adobe alder amber anchor anvil apple apron arbor arrow aspen atlas attic autumn badge
    bagel bamboo banjo barley barrel basil basket beacon beech bellow berry birch biscuit blanket
    blossom bobbin bonnet bottle boulder bracket bramble branch breeze brick bridge bronze brook
    bucket buckle bundle butter button cabin cactus camel candle canoe canvas canyon caravan
    carpet carrot castle cedar cello chalk cherry chestnut chimney chisel cider cinder citrus
    clover cobalt cobble comet compass copper coral cotton cradle crane crater crayon cricket
    crystal cushion cypress daisy damson dapple denim desert dinghy dolphin donkey dough dragon
    drizzle drum dune eagle easel echo elbow ember engine fable falcon feather fennel fern ferry
    fiddle fiord flannel flint flute forest fossil fountain foxglove frost garden garlic garnet
    geyser ginger glacier glade goblet gondola granite grape gravel grove hammer hammock
    harp harvest hazel heather hedge helmet heron hickory hollow honey horizon igloo indigo inlet
    island ivory jacket jasmine jersey jigsaw juniper kayak kernel kettle kitten ladder lagoon
    lantern lark lattice laurel lavender leather lemon lentil lever lichen lilac linen lizard
    lobster locket lotus lumber magnet mallet mango mantle maple marble marigold marlin meadow
    melon meteor mirror mitten mortar mosaic mulberry mustard napkin nectar needle nettle nickel
    nutmeg oasis oatmeal olive onyx orbit orchard otter oyster paddle paper parsley pasture
    pebble pepper petal pigeon pillow pine plaza plum pocket pollen poplar poppy prairie
    pumpkin quarry quartz quill quilt rabbit radish raven ribbon river rocket rosemary ruby
    saddle saffron sailor salmon sandal satin scarf shovel silk sparrow spoon spruce squash
    starling stone sunset
"""

WORDS = tuple(_LIST.split())
