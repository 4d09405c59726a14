"""An SMTP server on the loopback address that keeps what it takes in a folder, and fails where it is told to.

Prints its port once it listens. `--fault STAGE=WHAT` makes it fail at a stage (connect, ehlo, auth, mail, rcpt, data,
end) with a reply ("451 4.3.0 later"), or by `close` or `hang`; `end` is after the mail's last line, and a mail that is
followed by `close` or `hang` there was kept.
"""

import argparse
import asyncio
import base64
import logging
import os
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


class Server(SMTP):
    """The protocol as aiosmtpd speaks it, with faults in front of its steps."""

    def __init__(self, handler, options, **settings):
        self.faults = dict(fault.split("=", 1) for fault in options.fault)
        self.user, self.token = options.user, options.token
        super().__init__(handler, **settings)

    async def fails(self, stage):
        """Whether this stage was told to fail; if so, it has."""
        what = self.faults.get(stage)
        if what is None:
            return False
        if what == "close":
            self.transport.abort()
        elif what == "hang":
            await asyncio.sleep(3600)
        else:
            await self.push(what)
        return True

    async def _handle_client(self):
        if await self.fails("connect"):
            self.transport.close()
        else:
            await super()._handle_client()

    async def smtp_EHLO(self, arg):
        if not await self.fails("ehlo"):
            await super().smtp_EHLO(arg)

    async def smtp_AUTH(self, arg):
        if not await self.fails("auth"):
            await super().smtp_AUTH(arg)

    async def auth_XOAUTH2(self, _, args):
        """As Google's and Microsoft's servers do: whoever shows no token is told why and answers with nothing."""
        shown = base64.b64decode(args[1]) if len(args) > 1 else await self.challenge_auth("")
        if self.token and shown == f"user={self.user}\x01auth=Bearer {self.token}\x01\x01".encode():
            return AuthResult(success=True)
        await self.challenge_auth('{"status":"400","schemes":"Bearer"}')
        return AuthResult(success=False, handled=False)

    async def smtp_MAIL(self, arg):
        if not await self.fails("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg):
        if not await self.fails("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg):
        if not await self.fails("data"):
            await super().smtp_DATA(arg)


class Keeper:
    """Keeps each mail as a file: the envelope in two lines, then the mail as it came."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def keep(self, envelope):
        self.count += 1
        path = os.path.join(self.folder, f"{self.count:06}")
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        with open(path + ".part", "wb") as file:
            file.write(head.encode() + envelope.content)
        os.rename(path + ".part", path)

    async def handle_DATA(self, server, session, envelope):
        what = server.faults.get("end", "")
        if what[:1].isdigit():
            return what
        self.keep(envelope)
        await server.fails("end")
        return "250 2.0.0 kept"


def authenticator(options):
    def check(server, session, envelope, mechanism, data):
        known = (options.user.encode(), options.password.encode())
        return AuthResult(success=(data.login, data.password) == known, handled=False)

    return check


def tls_context(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    return context


def settings_of(options):
    settings = {"enable_SMTPUTF8": not options.ascii_only, "ident": "tests", "hostname": "localhost"}
    if options.user:
        settings.update(authenticator=authenticator(options), auth_required=True, auth_require_tls=False)
    if options.tls == "starttls":
        settings.update(tls_context=tls_context(options), require_starttls=True)
    return settings


async def serve(options):
    keeper = Keeper(options.folder)
    loop = asyncio.get_running_loop()

    def protocol():
        return Server(keeper, options, loop=loop, **settings_of(options))

    encrypted = tls_context(options) if options.tls == "tls" else None
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=encrypted)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main():
    # A login in clear text is what some tests want; no need to warn of it.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--fault", action="append", default=[])
    parser.add_argument("--tls", choices=["none", "starttls", "tls"], default="none")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--token", default="")
    parser.add_argument("--ascii-only", action="store_true")
    asyncio.run(serve(parser.parse_args()))


main()
