"""Reports of failure as mail servers write them (RFC 3464), and as they should not."""

from __future__ import annotations


def report(
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnosis: str = "smtp; 550 5.1.1 <ann@northside.example>: unknown, code 918273",
    original: str = "Subject: Your code is 918273",
) -> bytes:
    """One about one recipient, sent to that address."""
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mail.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="edge"

This is a MIME-encapsulated message.

--edge
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--edge
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Arrival-Date: Sun, 22 Nov 2026 01:00:00 +0000

Final-Recipient: rfc822; ann@northside.example
Original-Recipient: rfc822;ann@northside.example
Action: {action}
Status: {status}
Remote-MTA: dns; mx.northside.example
Diagnostic-Code: {diagnosis}

--edge
Content-Type: message/rfc822

{original}

Hello
--edge--
""".replace("\n", "\r\n").encode()
