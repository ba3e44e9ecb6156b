"""The headers that every answer carries (the security notes, section 5.3)."""

from __future__ import annotations

from collections.abc import Mapping

_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "object-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; report-to csp"
)

_OFF = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)
"""What no page of ours needs. Names that a browser does not know would fill its console with
warnings, so only those stand here that all of them know.
"""

_PERMISSIONS = ", ".join(
    (
        *(f"{feature}=()" for feature in _OFF),
        "publickey-credentials-get=(self)",
        "publickey-credentials-create=(self)",
    )
)


def security_headers(*, nonce: str, secure: bool) -> Mapping[str, str]:
    """The headers of a page.

    ``secure``: it was asked for over HTTPS, so the browser may be told to stay there.
    """
    headers = {
        "content-security-policy": _POLICY.format(nonce=nonce),
        "reporting-endpoints": 'csp="/csp-reports"',
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": _PERMISSIONS,
        "cache-control": "no-store",
        "vary": "Sec-Fetch-Site, Origin, Accept-Language",
    }
    if secure:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return headers
