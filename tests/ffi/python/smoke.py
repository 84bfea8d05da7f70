"""Two clients of the Python bindings talk through a real server.

Arguments: the folder with the generated module and the library, the server's address, the
fingerprint of its certificate, the server's data folder, the program `push-payload`, and a folder
for the clients. Ends with exit code 0 only when everything was right.
"""

import asyncio
import os
import pathlib
import subprocess
import sys

MODULES, SERVER, FINGERPRINT, SERVER_FOLDER, PUSH_PAYLOAD, FOLDER = sys.argv[1:]
sys.path.insert(0, MODULES)

import whimbrel_ffi as whimbrel  # noqa: E402

PATIENCE_S = 60


class Keys(whimbrel.KeyStore):
    """A key store in memory."""

    def __init__(self):
        self.key = None

    def load_key(self):
        return self.key

    def store_key(self, key):
        self.key = key


class LockedKeys(whimbrel.KeyStore):
    """A key store that throws what nobody expects."""

    def load_key(self):
        raise RuntimeError("a secret in a stack trace")

    def store_key(self, key):
        raise RuntimeError("never")


class Lines(whimbrel.LogSink):
    """Keeps the log."""

    def __init__(self):
        self.texts = []

    def log(self, line):
        self.texts.append(line.text)


class Phone:
    """Somebody's client, and how to wait for what it shows."""

    def __init__(self, client, keys, folder):
        self.client, self.keys, self.folder = client, keys, folder
        self.changes = client.subscribe()
        self.batches = []

    @classmethod
    async def open(cls, name, keys=None, log=None):
        keys = keys or Keys()
        folder = str(pathlib.Path(FOLDER) / name)
        options = whimbrel.ClientOptions(
            data_folder=folder, server=SERVER, pinned_fingerprint=FINGERPRINT
        )
        client = await whimbrel.NativeClient.open(options, keys, log)
        return cls(client, keys, folder)

    async def until(self, what, is_so):
        """Looks again at every batch of changes, so that a missing one is noticed."""

        async def wait():
            while not (found := await is_so()):
                batch = await self.changes.next_batch(64)
                assert 1 <= len(batch) <= 64, batch
                self.batches.append(batch)
            return found

        try:
            return await asyncio.wait_for(wait(), PATIENCE_S)
        except asyncio.TimeoutError:
            raise AssertionError(f"not {what}: {self.client.state()}") from None

    async def hears(self, conversation, text):
        async def find():
            page = await self.client.messages(
                conversation, whimbrel.MessagePage.NEWEST(), 50
            )
            return next((m for m in page if text_of(m) == text), None)

        return await self.until(f"hearing {text!r}", find)


def text_of(message):
    return message.content.text if message.content.is_TEXT() else None


async def fails(code, call):
    """The call fails with this code, and a reason that a developer can read."""
    try:
        await call
    except whimbrel.WhimbrelError.Failed as error:
        assert error.code == code, (error.code, code)
        assert error.reason, code
        return error
    raise AssertionError(f"it did not fail with {code}")


def is_live(phone):
    async def look():
        return phone.client.state().connection == whimbrel.Connection.LIVE

    return look


async def finds(phone, name):
    async def look():
        rows = await phone.client.conversations()
        return next((row.id for row in rows if row.name == name), None)

    return await phone.until(f"in {name}", look)


async def talk(alice, bob):
    """A message each way, and what the two then show."""
    peer = whimbrel.Person.USERNAME("bob")
    chat = await alice.client.create_direct(peer)
    hello = await alice.client.send(chat, "Hello Bob 👋")
    assert await finds(bob, "alice") == chat
    heard = await bob.hears(chat, "Hello Bob 👋")
    assert heard.id == hello and heard.seq >= 1, heard
    await bob.client.mark_read(chat, hello)
    await bob.client.send(chat, "Hello Alice")
    await alice.hears(chat, "Hello Alice")
    members = await alice.client.members(chat)
    assert sorted(member.username for member in members) == ["alice", "bob"]
    assert bob.batches, "no batch of changes came"
    return chat


async def errors(alice, chat):
    """Typed errors, and the client works on."""
    code, client = whimbrel.ErrorCode, alice.client
    await fails(code.INVALID_ARGUMENT, client.send("no id", "a"))
    await fails(code.INVALID_ARGUMENT, client.send(chat, ""))
    await fails(code.TOO_LARGE, client.send(chat, "a" * (16 * 1024 + 1)))
    await fails(code.TOO_LARGE, client.send(chat, "a" * 5_000_000))
    await fails(code.NOT_FOUND, client.send("ab" * 16, "a"))
    await fails(code.INVALID_ARGUMENT, client.conversations(0, -1))
    await fails(code.INTERNAL, whimbrel.panic_async())
    try:
        whimbrel.panic_now()
        raise AssertionError("it did not fail")
    except whimbrel.WhimbrelError.Failed as error:
        assert error.code == code.INTERNAL
    error = await fails(code.KEY_STORE, Phone.open("locked", LockedKeys()))
    assert "secret" not in error.reason, error.reason
    await fails(code.ALREADY_OPEN, Phone.open("alice", alice.keys))
    names = {whimbrel.error_name(each) for each in whimbrel.error_codes()}
    assert len(names) == len(code) and "not_found" in names, names
    contact = await client.contact((await client.conversation(chat)).peer)
    assert len(contact.safety_number.split()) == 12, contact
    assert not contact.verified


async def cancelled_calls_lose_nothing(alice, bob, chat):
    """Whatever the moment of the cancel: a message is sent once or, never begun, not at all."""
    for count in range(20):
        sending = asyncio.ensure_future(alice.client.send(chat, f"cancelled {count}"))
        await asyncio.sleep(count / 10_000)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    await alice.client.send(chat, "after the cancels")
    await bob.hears(chat, "after the cancels")
    page = await bob.client.messages(chat, whimbrel.MessagePage.NEWEST(), 200)
    texts = [text for text in map(text_of, page) if text and text.startswith("cancelled")]
    assert len(texts) == len(set(texts)), texts


async def push(alice, bob, chat):
    """A notification is shown without a client, and the client reads it all the same."""
    after = (await bob.client.conversation(chat)).applied_seq
    await bob.client.pause()
    await fails(whimbrel.ErrorCode.PAUSED, bob.client.conversations())
    sent = await alice.client.send(chat, "While you were away")

    async def is_sent():
        return not await alice.client.outbox()

    await alice.until("sent", is_sent)
    command = [PUSH_PAYLOAD, "--server", SERVER_FOLDER, "--conversation", chat, "--after", str(after)]
    payload = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    payload = bytes.fromhex(payload.stdout.strip())
    shown = await whimbrel.open_notification(bob.folder, bob.keys, payload)
    assert shown.is_SHOW(), shown
    assert (shown.preview.text, shown.preview.message) == ("While you were away", sent)
    assert shown.preview.sender_name == "alice", shown
    await fails(
        whimbrel.ErrorCode.PROTOCOL,
        whimbrel.open_notification(bob.folder, bob.keys, b"no payload"),
    )
    await bob.client.resume()
    await bob.hears(chat, "While you were away")
    known = await whimbrel.open_notification(bob.folder, bob.keys, payload)
    assert known.is_SILENT(), known


async def end(phone):
    """Shut down: whoever waits is told, and every later call says so."""
    waiting = asyncio.ensure_future(drain(phone.changes))
    await phone.client.shutdown()
    await phone.client.shutdown()
    await asyncio.wait_for(waiting, PATIENCE_S)
    await fails(whimbrel.ErrorCode.SHUT_DOWN, phone.client.conversations())


async def drain(changes):
    while True:
        try:
            await changes.next_batch(64)
        except whimbrel.WhimbrelError.Failed as error:
            assert error.code == whimbrel.ErrorCode.SHUT_DOWN
            return


async def main():
    log = Lines()
    alice, bob = await Phone.open("alice", log=log), await Phone.open("bob")
    await fails(whimbrel.ErrorCode.NOT_SIGNED_IN, alice.client.sync_once(10))
    for phone, name in ((alice, "alice"), (bob, "bob")):
        account = await phone.client.register(name, f"correct horse of {name}")
        assert account == phone.client.account() and account.username == name
        await phone.until("live", is_live(phone))
    chat = await talk(alice, bob)
    await errors(alice, chat)
    await cancelled_calls_lose_nothing(alice, bob, chat)
    await push(alice, bob, chat)
    outcome = await alice.client.sync_once(30_000)
    assert outcome == whimbrel.SyncOutcome.COMPLETE
    await end(alice)
    await end(bob)
    # What was said is still there.
    again = await Phone.open("alice", alice.keys)
    page = await again.client.messages(chat, whimbrel.MessagePage.NEWEST(), 200)
    assert "Hello Alice" in map(text_of, page)
    await end(again)
    assert any(text.startswith("send has failed: too_large") for text in log.texts), log.texts
    assert not any("alice" in text or "Hello" in text for text in log.texts), log.texts
    print("python: two clients have talked, failed, paused and ended as they must")


asyncio.run(main())
# Threads of the library may be about to call in, and Python can't take itself down under them.
sys.stdout.flush()
os._exit(0)
