"""Whatever rows operators write: nobody gets a document of a store that is not theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from lib.notify.model.rows import (
    AttachMode,
    Profile,
    Recipient,
    Scope,
    SendAs,
    Template,
)
from lib.notify.outbox import digest, rules
from lib.notify.plan.build import build
from tests.factories.notify import RUN, document, facts

CODES = ("A668", "A817", "TS48")
store_codes = st.sampled_from([None, "ALL", "all", " ", *CODES, "a668", " A817 "])
envs = st.sampled_from(["any", "dev", "prod", "local"])
recipients = st.builds(
    Recipient,
    id=st.integers(1, 99),
    profile_id=st.sampled_from([1, 2]),
    address=st.integers(0, 5).map("reader{}@example.invalid".format),
    send_as=st.sampled_from([*SendAs]),
    store_code=store_codes,
    env=envs,
)
profiles = st.builds(
    Profile,
    id=st.sampled_from([1, 2]),
    code=st.sampled_from(["one", "two"]),
    env=envs,
    scope=st.sampled_from([*Scope, "unknown"]),
    attach_mode=st.sampled_from([*AttachMode, "unknown"]),
)
documents = st.sampled_from([None, "ALL", *CODES]).map(document)
situations = st.builds(
    facts,
    profiles=st.lists(profiles, max_size=3, unique_by=lambda profile: profile.id).map(tuple),
    templates=st.just(tuple(Template(number, "x", "y") for number in (1, 2))),
    recipients=st.lists(recipients, max_size=8).map(tuple),
    documents=st.lists(documents, max_size=6).map(tuple),
)


@given(situations)
def test_a_recipient_never_gets_a_document_of_a_store_outside_its_scope(situation):
    for mail in build(situation).mails:
        for address in mail.envelope:
            may_read = _scope(
                situation,
                address.mailbox,
                {p.id for p in situation.profiles if p.code == mail.profile},
            )
            assert "ALL" in may_read or {d.store_code for d in mail.attachments} <= may_read


@given(situations)
def test_nobody_gets_a_mail_twice(situation):
    for mail in build(situation).mails:
        mailboxes = [address.mailbox for address in mail.envelope]
        assert len(mailboxes) == len(set(mailboxes))
        assert mail.to


@given(situations)
def test_every_mail_or_a_finding_tells_of_every_profile_that_applies(situation):
    plan = build(situation)
    notified = {mail.profile for mail in plan.mails}
    applying = {p.code for p in situation.profiles if p.env in ("any", "dev")}
    for code in applying - notified:
        assert any(code in finding.text for finding in plan.findings)


days = st.lists(situations, min_size=2, max_size=3)


@given(days)
def test_a_digest_gives_nobody_a_document_of_a_store_outside_its_scope(several):
    for mail, owed, parts in _digests(several):
        for address in owed:
            for attached in mail.attachments:
                may_read = [_scope_in(part, address.mailbox) for part in parts]
                assert any("ALL" in codes or attached.store_code in codes for codes in may_read)


@given(days)
def test_a_digest_keeps_every_promise_exactly_once(several):
    promised = [(p.key, address.mailbox) for p in _entries(several) for address in p.owed]
    kept = [
        (p.key, address.mailbox)
        for group in digest.grouped(_entries(several))
        for p in group
        for address in p.owed
    ]

    assert sorted(kept, key=repr) == sorted(promised, key=repr)


def _entries(several):
    """Return what is owed when nobody has got anything: one day a situation."""
    found = []
    for number, situation in enumerate(several):
        run = replace(
            situation.run, run_id=f"run-{number}", report_on=RUN.report_on + timedelta(days=number)
        )
        for position, mail in enumerate(build(replace(situation, run=run)).mails):
            content = rules.Content(
                rules.FIRST, run.run_id, f"<{number}-{position}@example.invalid>"
            )
            key = rules.key(run, mail)
            found.append(
                rules.OutboxEntry(key, mail, mail.envelope, content, run.finished_at, position)
            )
    return found


def _digests(several):
    """Yield each mail of the digest, who is owed it, and the situation and profile of each of its parts."""
    for group in digest.grouped(_entries(several)):
        mail = digest.merged(group, lambda _: 1) if len(group) > 1 else group[0].mail
        parts = [(several[(p.key.report_on - RUN.report_on).days], p.mail.profile) for p in group]
        yield mail, group[0].owed, parts


def _scope_in(part, mailbox: str) -> set[str]:
    situation, code = part
    return _scope(situation, mailbox, {p.id for p in situation.profiles if p.code == code})


def _scope(situation, mailbox: str, profile_ids: set[int]) -> set[str]:
    """Return the store codes that the rows of one reader allow.

    `ALL` when any row is for every store.
    """
    rows = [
        r
        for r in situation.recipients
        if r.address == mailbox and r.profile_id in profile_ids and r.env in ("any", "dev")
    ]
    return {"ALL" if row.store_code is None else row.store_code.strip().upper() for row in rows}
