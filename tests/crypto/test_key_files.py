"""The key file: for its owner alone, never half written, and every refusal says the way out."""

import base64
import json
import os
import stat
from pathlib import Path

import pytest

from twostep.crypto.key_files import (
    KeyFile,
    KeyFileBusy,
    KeyText,
    MasterKeys,
    NoKeyFile,
    WrongKeyFile,
    new_master_key,
)
from twostep.crypto.secret import Secret


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    made = KeyFile(tmp_path / "twostep.key")
    made.create(new_master_key())
    return made


def base64_of(file: KeyFile) -> str:
    return base64.b64encode(file.read().current.secret.reveal()).decode()


def test_a_new_key_file_is_readable_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "twostep.key")
    before = os.umask(0)
    try:
        file.create(new_master_key())
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_a_key_file_gives_the_key_that_was_put_into_it(tmp_path: Path) -> None:
    key = new_master_key()
    file = KeyFile(tmp_path / "twostep.key")
    file.create(key)
    assert file.read().keys == (key,)
    assert len(key.secret.reveal()) == 32
    assert new_master_key() != key


def test_a_key_file_is_never_written_over(file: KeyFile) -> None:
    before = file.path.read_bytes()
    with pytest.raises(FileExistsError):
        file.create(new_master_key())
    assert file.path.read_bytes() == before


def test_a_key_file_is_not_created_through_a_link_that_somebody_placed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "twostep.key").symlink_to(elsewhere)
    with pytest.raises(FileExistsError):
        KeyFile(tmp_path / "twostep.key").create(new_master_key())
    assert not elsewhere.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o601])
def test_a_key_file_that_others_may_touch_is_refused_with_the_way_out(
    file: KeyFile, mode: int
) -> None:
    file.path.chmod(mode)
    with pytest.raises(WrongKeyFile) as caught:
        file.read()
    assert f"chmod 600 {file.path}" in str(caught.value)
    file.path.chmod(0o600)
    assert len(file.read().keys) == 1


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoKeyFile) as caught:
        KeyFile(tmp_path / "gone.key").read()
    assert str(tmp_path / "gone.key") in str(caught.value)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, make: object) -> None:
    path = tmp_path / "twostep.key"
    assert callable(make)
    make(path)
    path.chmod(0o600)
    with pytest.raises(WrongKeyFile):
        KeyFile(path).read()


def broken(content: bytes) -> list[bytes]:
    """Ways in which a key file is damaged."""
    document = json.loads(content)
    entry = document["keys"][0]
    key = entry["key"]
    other = "A" if key[3] != "A" else "B"
    short = base64.b64encode(b"k" * 31).decode()
    empty = base64.b64encode(bytes(32)).decode()
    documents: list[object] = [
        {"keys": []},
        {"keys": [entry, None]},
        {"keys": [{"id": entry["id"]}]},
        {"keys": [{"key": key}]},
        {"keys": [{"id": entry["id"], "key": key[:3] + other + key[4:]}]},
        {"keys": [{"id": entry["id"], "key": short}]},
        {"keys": [{"id": entry["id"], "key": empty}]},
        {"keys": [{"id": entry["id"], "key": 7}]},
        {"keys": {"id": entry["id"], "key": key}},
        [],
        "keys",
    ]
    texts = [json.dumps(each).encode() for each in documents]
    return [b"", content[: len(content) // 2], b"\xff\xfe", key.encode(), *texts]


def test_a_damaged_key_file_is_refused_and_not_quoted(file: KeyFile) -> None:
    """R-31: whatever is wrong with the keys is an error, and never a key."""
    content = file.path.read_bytes()
    key = json.loads(content)["keys"][0]["key"]
    for damaged in broken(content):
        file.path.write_bytes(damaged)
        with pytest.raises(WrongKeyFile) as caught:
            file.read()
        assert str(file.path) in str(caught.value)
        assert key[:8] not in repr(caught.value)
        assert caught.value.__cause__ is None
    file.path.write_bytes(content)
    assert len(file.read().keys) == 1


def test_a_replaced_key_file_holds_the_new_keys_for_the_same_owner_alone(file: KeyFile) -> None:
    old, new = file.read().current, new_master_key()
    file.replace(MasterKeys(keys=(new, old)))
    assert file.read().keys == (new, old)
    assert file.read().current == new
    assert file.read().find(old.id) == old
    assert file.read().find("elsewhere") is None
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in file.path.parent.iterdir()] == [file.path.name]


def test_what_a_killed_replacement_left_behind_does_not_stop_the_next_one(file: KeyFile) -> None:
    aside = file.path.with_name(file.path.name + ".new")
    aside.write_text("half a f")
    new = new_master_key()
    file.replace(MasterKeys(keys=(new,)))
    assert file.read().current == new
    assert not aside.exists()


def test_a_link_to_the_key_file_stays_a_link(file: KeyFile, tmp_path: Path) -> None:
    link = tmp_path / "link.key"
    link.symlink_to(file.path)
    new = new_master_key()
    KeyFile(link).replace(MasterKeys(keys=(new,)))
    assert link.is_symlink()
    assert file.read().current == new


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_a_key_file_replaced_by_root_stays_its_owners(file: KeyFile) -> None:
    os.chown(file.path, 1234, 1235)
    file.replace(MasterKeys(keys=(new_master_key(),)))
    status = file.path.stat()
    assert (status.st_uid, status.st_gid) == (1234, 1235)


def test_two_processes_do_not_change_the_master_key_at_once(file: KeyFile) -> None:
    with file.alone():
        with pytest.raises(KeyFileBusy) as caught, KeyFile(file.path).alone():
            pytest.fail("both hold it")
        assert str(file.path) in str(caught.value)
    with file.alone():
        pass


def test_a_key_from_the_setting_is_the_same_key(file: KeyFile) -> None:
    other = new_master_key()
    text = KeyText(Secret(base64_of(file)))
    assert text.read() == file.read()
    both = f"{base64.b64encode(other.secret.reveal()).decode()} , {base64_of(file)}"
    assert KeyText(Secret(both)).read().keys == (other, file.read().current)


@pytest.mark.parametrize("text", ["", ",", "secret", "A" * 42, "A" * 43 + "=", "A" * 44, "ä" * 44])
def test_a_setting_that_is_no_key_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(WrongKeyFile) as caught:
        KeyText(Secret(text)).read()
    assert "TWOSTEP_KEY" in str(caught.value)
    assert not text.strip(",") or text not in str(caught.value)


def test_one_bad_key_of_several_in_the_setting_is_an_error(file: KeyFile) -> None:
    with pytest.raises(WrongKeyFile):
        KeyText(Secret(f"{base64_of(file)},")).read()


def test_keys_are_not_shown_by_printing_what_holds_them(file: KeyFile) -> None:
    shown = repr((file.read(), KeyText(Secret(base64_of(file)))))
    assert base64_of(file)[:8] not in shown
    assert file.read().current.secret.reveal().hex() not in shown
