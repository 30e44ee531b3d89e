"""What can happen in a case, in the order of the text: one class for each event."""

from __future__ import annotations

from datetime import date

from shuroflow.events import Actor, Id, Term, Text, about, part, payload, register_kinds

CODE = "hoshimino"


class Seat(Term):
    """第4条第2項: in what capacity somebody sits on the committee. A word of this text, so it is made here."""

    CHAIR = "chair", "会長", "chair"
    MEMBER = "member", "委員", "member"


class Medium(Term):
    """第2条第1項第4号: how the consent was given."""

    WRITTEN = "written", "書面", "in writing"
    ORAL = "oral", "口頭", "orally"


class NoticeForm(Term):
    """第5条: the two notices."""

    SUPPORT = "form_2", "様式第2号", "form 2 (support)"
    NO_SUPPORT = "form_3", "様式第3号", "form 3 (no support)"


@part
class Member:
    """第4条: one who sat on the committee."""

    id: Id = about("id of the member, bound to the committee; never a name")
    seat: Seat = about("chair or member")


@payload("applied")
class Applied:
    """第3条: a person applied; the facts of 第2条 on that day."""

    born_on: date = about("date of birth")
    resident: bool = about("does the person live in the town?")
    working: bool = about("was the person in work on the day?")


@payload("consented")
class Consented:
    """第2条第1項第4号: the person agreed."""

    medium: Medium = about("in writing or orally", default=Medium.WRITTEN)


@payload("accepted")
class Accepted:
    """第4条第1項: the committee decided to support the person."""

    committee: tuple[Member, ...] = about("those who sat on the committee")


@payload("rejected")
class Rejected:
    """第4条第1項: the committee decided not to support the person."""

    committee: tuple[Member, ...] = about("those who sat on the committee")
    reason: Text = about("why")


@payload("notified")
class Notified:
    """第5条: the decision was notified."""

    form: NoticeForm = about("form used")


@payload("interviewed")
class Interviewed:
    """第6条: the first interview; the period runs from this day."""

    by: Actor | None = about("who held it; none: who recorded it", default=None)


@payload("extended")
class Extended:
    """第7条: the committee extended the period."""

    committee: tuple[Member, ...] = about("those who sat on the committee")
    new_end: date = about("new last day")


@payload("supported")
class Supported:
    """第8条: support was given."""

    content: Text = about("what was done")
    by: Actor | None = about("who gave it; none: who recorded it", default=None)


@payload("found_work")
class FoundWork:
    """第9条第1号: the person found work, and support ended."""

    first_day: date = about("first day of work")


@payload("consent_withdrawn")
class ConsentWithdrawn:
    """第9条第2号: the person took the consent back."""

    reason: str | None = about("in the person's words", default=None)


@payload("outcome_confirmed")
class OutcomeConfirmed:
    """第10条: the town asked how the person is doing."""

    content: Text = about("what the person said")


KINDS: tuple[type, ...] = (
    Applied,
    Consented,
    Accepted,
    Rejected,
    Notified,
    Interviewed,
    Extended,
    Supported,
    FoundWork,
    ConsentWithdrawn,
    OutcomeConfirmed,
)

register_kinds(CODE, KINDS)
