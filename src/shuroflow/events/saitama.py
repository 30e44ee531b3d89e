"""The events of 埼玉県就労支援専門員事業実施要綱, in the order of its text: one attrs class for each kind."""

from __future__ import annotations

from datetime import date

from shuroflow.events.envelope import (
    Actor,
    Id,
    Meeting,
    Text,
    about,
    part,
    payload,
    register_kinds,
)
from shuroflow.vocabulary import Term


class TargetClass(Term):
    """3(1): the two classes of persons supported."""

    A = "a", "ア", "class ア: able to work, not working, under the prefectural office"
    I = "i", "イ", "class イ: others whom the office recognises as needing support"  # noqa: E741 - イ


class AssistanceStatus(Term):
    """3(1)ア: standing of the person under 生活保護法 on the day."""

    RECIPIENT = "recipient", "被保護者", "recipient of public assistance"
    APPLICANT = "applicant", "保護申請者", "applicant for public assistance"
    NONE = "none", "いずれでもない", "neither"


class DeclineReason(Term):
    """Why a candidate does not come to be supported."""

    NOT_SELECTED = "not_selected", "選定されない", "not selected"
    CONSENT_REFUSED = "consent_refused", "不同意", "consent refused"
    CONSENT_WITHDRAWN = "consent_withdrawn", "開始前の同意撤回", "consent withdrawn before support"
    ASSISTANCE_ABOLISHED = "assistance_abolished", "開始前の保護廃止", "public assistance ended before support"
    OTHER = "other", "その他", "other"


class ConsentObject(Term):
    """4(1): the two things the person agrees to."""

    SPECIALIST_SUPPORT = "specialist_support", "専門員による就労支援", "support by the specialist"
    GOAL_SETTING = "goal_setting", "支援目標の設定", "setting of support goals"


class Medium(Term):
    """How consent was given."""

    WRITTEN = "written", "書面", "in writing"
    ORAL = "oral", "口頭", "orally"


class Horizon(Term):
    """4(1): how far ahead a goal lies."""

    SHORT = "short", "短期", "short term"
    LONG = "long", "中長期", "medium and long term"


class Qualification(Term):
    """3(2): what makes a person fit to be a specialist."""

    INTERPERSONAL = "interpersonal", "対人援助技術", "skill in personal assistance"
    EMPLOYMENT = "employment", "雇用の専門知識", "expert knowledge of employment"
    WELFARE = "welfare", "福祉の専門知識", "expert knowledge of welfare"


class Employer(Term):
    """2: who employs the specialist, or holds an authority."""

    PREFECTURE = "prefecture", "県", "the prefecture"
    CONTRACTOR = "contractor", "受託事業者", "a contractor"


class SupportKind(Term):
    """3(3): the catalogue of support, ア to ス."""

    CONSULTATION = "consultation", "就労相談・支援", "counselling and support"
    JOB_SEARCH = "job_search", "求職活動支援", "help with the search for work"
    JOB_INFORMATION = "job_information", "求人情報の提供", "information on vacancies"
    VOCATIONAL_TRAINING = "vocational_training", "職業訓練支援", "help with vocational training"
    TRAINING_PLACEMENT = "training_placement", "就労訓練事業のあっせん", "placement in a work-training programme"
    QUALIFICATION = "qualification", "資格取得支援", "help towards a qualification"
    LIFESTYLE = "lifestyle", "生活習慣の改善", "better habits of life"
    RETENTION = "retention", "職場定着支援", "help with staying in a job"
    HELLO_WORK_LIAISON = "hello_work_liaison", "ハローワークとの連携", "liaison with Hello Work"
    JOB_DEVELOPMENT = "job_development", "求人開拓", "finding openings for recipients"
    REGIONAL_SYSTEM = "regional_system", "地域の支援体制の構築", "building support in the region"
    INTERVIEW_EVENT = "interview_event", "面接会等", "job interview events"
    OTHER = "other", "その他の就労支援", "other support"


class ActivityTag(Term):
    """4(2): the six examples of support."""

    ACCOMPANIMENT = "accompaniment", "ハローワーク等への同行", "going along to Hello Work"
    MOTIVATION = "motivation", "意欲面のフォロー", "care for motivation"
    JOB_SEARCH = "job_search", "求職活動への支援", "help with the search for work"
    RECIPIENT_PROGRAMME = "recipient_programme", "就労自立促進事業の活用", "use of the self-reliance programme"
    PREPARATORY_COURSE = "preparatory_course", "準備講習付き職業訓練の活用", "training with a preparatory course"
    TRAINING_USE = "training_use", "就労訓練事業の利用", "use of a work-training programme"


class ContactMode(Term):
    """4(2): how support was given."""

    HOME_VISIT = "home_visit", "家庭訪問", "home visit"
    OFFICE_INTERVIEW = "office_interview", "役場・所内面接", "interview at the office"
    ACCOMPANIMENT = "accompaniment", "同行", "accompaniment"
    TELEPHONE = "telephone", "電話", "telephone"
    OTHER = "other", "その他", "other"


class Achievement(Term):
    """4(3): how far a goal was reached."""

    ACHIEVED = "achieved", "達成", "achieved"
    IN_PROGRESS = "in_progress", "取組中", "in progress"
    NOT_ACHIEVED = "not_achieved", "未達成", "not achieved"
    DIFFICULT = "difficult", "達成困難", "hard to achieve"


class TrainingType(Term):
    """5: form in which a work-training programme is used."""

    EMPLOYMENT = "employment", "雇用型", "with an employment contract"
    NON_EMPLOYMENT = "non_employment", "非雇用型", "without an employment contract"


class AuthorityKind(Term):
    """5: on what a job placement business rests."""

    NOTIFICATION = "notification", "届出", "notification"
    LICENCE = "licence", "許可", "licence"


class OutsideReason(Term):
    """Why support ended in a way that the text does not know."""

    CONSENT_WITHDRAWN = "consent_withdrawn", "同意撤回", "consent withdrawn"
    WHEREABOUTS_UNKNOWN = "whereabouts_unknown", "所在不明", "whereabouts unknown"
    DEATH = "death", "死亡", "death"
    ILLNESS = "illness", "傷病", "illness"
    TRANSFER = "transfer", "移管", "transfer to another office"
    SUSPENSION = "suspension", "保護停止", "suspension of assistance"
    APPLICATION_FAILED = "application_failed", "保護申請の却下・取下げ", "application for assistance failed"
    UNCOOPERATIVE = "uncooperative", "非協力", "no cooperation"
    OTHER = "other", "その他", "other"


class ApplicationResult(Term):
    """What became of a pending application for public assistance."""

    GRANTED = "granted", "保護開始", "granted"
    REJECTED = "rejected", "却下", "rejected"
    WITHDRAWN = "withdrawn", "取下げ", "withdrawn"


class AbolitionCause(Term):
    """6: why public assistance was ended (廃止)."""

    OWN_EMPLOYMENT = "own_employment", "本人の就労", "own employment"
    TEMPORARY_INCOME = "temporary_income", "臨時収入", "temporary income"
    HOUSEHOLD_INCOME = "household_income", "他の世帯員の収入増加", "higher income of another member"
    WAIVED = "waived", "辞退", "waived by the person"
    MOVED_OUT = "moved_out", "転出", "moved away"
    WHEREABOUTS_UNKNOWN = "whereabouts_unknown", "所在不明", "whereabouts unknown"
    INSTRUCTION_BREACH = "instruction_breach", "指導指示違反", "breach of an instruction"
    DEATH = "death", "死亡", "death"
    OTHER = "other", "その他", "other"


@part
class Recognition:
    """3(1)イ: the office recognised the need for support."""

    on: date = about("day of the recognition")
    reason: str = about("why support is needed")
    by: Actor | None = about("who recognised it", default=None)


@part
class Goal:
    """A support goal."""

    id: Id = about("id of the goal within the case")
    horizon: Horizon = about("short, or medium and long term")
    text: Text = about("the goal in words")


@part
class GoalResult:
    """What an evaluation says of one goal."""

    goal: Id = about("id of the goal")
    result: Achievement = about("how far it was reached")


@part
class Specialist:
    """3(2), 2: the specialist placed on the case."""

    id: Id = about("role-bound id of the specialist")
    qualifications: tuple[Qualification, ...] = about("qualifications on file", default=())
    employer: Employer = about("employer of the specialist", default=Employer.PREFECTURE)
    contract_start: date | None = about("first day of the contract, for a contractor", default=None)
    contract_end: date | None = about("last day of the contract, for a contractor", default=None)


@part
class TrainingProvider:
    """5: the certified work-training provider."""

    id: Id = about("id of the provider")
    certified_from: date | None = about("first day of its certification", default=None)
    certified_to: date | None = about("last day of its certification; none: still certified", default=None)
    certificate: str | None = about("number of the certification", default=None)


@part
class PlacementAuthority:
    """5: authority to carry on job placement under 職業安定法."""

    kind: AuthorityKind = about("notification or licence")
    number: Text = about("its number")
    effective_from: date = about("day from which it holds")
    holder: Employer = about("who holds it", default=Employer.PREFECTURE)


@payload("listed")
class Listed:
    """4(1): the caseworker put the person on the list of candidates."""

    reason: str | None = about("why support seems to be needed", default=None)
    prior_case_id: Id | None = about("an earlier case of the same person", default=None)


@payload("selected")
class Selected:
    """4(1), 3(1): the three parties consulted and selected the person; which class of 3(1), on what facts."""

    attendees: tuple[Actor, ...] = about("those who took part in the consultation")
    target_class: TargetClass = about("a (ア) or i (イ) of 3(1)")
    consulted_on: date | None = about("day of the consultation; none: the day of the event", default=None)
    status: AssistanceStatus | None = about("standing under 生活保護法 on the day", default=None)
    responsible_office: bool | None = about("is a prefectural office responsible for the person?", default=None)
    compelling_reason: bool | None = about("is there illness or another compelling reason?", default=None)
    compelling_reason_source: str | None = about("what that rests on, such as a medical report", default=None)
    working: bool | None = about("was the person working on the day?", default=None)
    recognition: Recognition | None = about("for class i: the office's recognition", default=None)
    ledger_consulted: bool = about("was the register of work and job search looked at?", default=False)


@payload("declined")
class Declined:
    """The person does not come to be supported (refusal of consent is not in the text)."""

    reason: DeclineReason = about("why")
    detail: str | None = about("in words", default=None)


@payload("consented")
class Consented:
    """4(1): the person agreed; both objects are needed."""

    scope: tuple[ConsentObject, ...] = about("what the person agreed to")
    medium: Medium = about("in writing or orally", default=Medium.WRITTEN)
    taken_by: Actor | None = about("who took the consent", default=None)


@payload("consent_withdrawn")
class ConsentWithdrawn:
    """The person took the consent back (not in the text)."""

    reason: str | None = about("in the person's words", default=None)


@payload("support_decided")
class SupportDecided:
    """4(1): the office decided on the person; goals and the start rest on this day."""

    decided_by: Actor | None = about("who decided", default=None)
    approval: str | None = about("reference of the approval", default=None)


@payload("goals_set")
class GoalsSet:
    """4(1): goals were set."""

    goals: tuple[Goal, ...] = about("the goals; a known id replaces that goal")


@payload("support_started")
class SupportStarted:
    """4(1), 4(2), 4(5): support began; the basic period of three months runs from the first day."""

    specialist: Specialist = about("the specialist placed on the case")
    start_on: date | None = about("first day of support; none: the day of the decision", default=None)
    end_on: date | None = about("last day of the first period where it is not three months", default=None)


@payload("activity_recorded")
class ActivityRecorded:
    """3(3), 4(2): support was given."""

    kind: SupportKind = about("kind of 3(3)")
    mode: ContactMode = about("how")
    by: Actor | None = about("who gave it; none: who recorded it", default=None)
    tag: ActivityTag | None = about("example of 4(2)", default=None)
    place: str | None = about("where", default=None)


@payload("evaluated")
class Evaluated:
    """4(3): how far the goals were reached."""

    results: tuple[GoalResult, ...] = about("one result for each goal looked at")
    analysis: str | None = about("analysis of the causes, where a goal is hard to achieve", default=None)
    by: Actor | None = about("who evaluated", default=None)


@payload("goals_changed")
class GoalsChanged:
    """4(3): goals were changed after analysis, interview and the person's understanding."""

    goals: tuple[Goal, ...] = about("new or replaced goals; a known id replaces that goal")
    dropped: tuple[Id, ...] = about("ids of goals given up", default=())
    analysis: str | None = about("analysis of the causes, unless an evaluation holds it", default=None)
    interview_on: date | None = about("day of the interview", default=None)
    understood: bool = about("did the person understand and agree?", default=False)
    override_reason: Text | None = about("reason for going on where only our reading stands against it", default=None)


@payload("extended")
class Extended:
    """4(5): the period was extended after consultation."""

    attendees: tuple[Actor, ...] = about("those who took part in the consultation", default=())
    consulted_on: date | None = about("day of the consultation; none: the day of the event", default=None)
    new_end: date | None = about("new last day; none: three months from the day after the current end", default=None)
    reason: str | None = about("why", default=None)


@payload("conference_held")
class ConferenceHeld:
    """4(6): a conference evaluated how far goals were reached."""

    attendees: tuple[Actor, ...] = about("those who took part")
    evaluation: str | None = about("what it found", default=None)


@payload("advice_given")
class AdviceGiven:
    """4(7): the specialist gave an opinion or advice on the individual support programme."""

    content: Text = about("the advice")
    requested_by: Actor | None = about("who asked for it", default=None)


@payload("training_recognised")
class TrainingRecognised:
    """5: the office recognised that a work-training programme helps the person."""

    effect: Text = about("the effect expected")
    by: Actor | None = about("who recognised it", default=None)


@payload("training_used")
class TrainingUsed:
    """5: use of a work-training programme began."""

    type: TrainingType = about("with or without an employment contract")
    provider: TrainingProvider = about("the provider")
    arranged_by: Actor = about("who arranged the placement")
    authority: PlacementAuthority | None = about("authority for job placement", default=None)


@payload("application_resolved")
class ApplicationResolved:
    """3(1)ア: a pending application for public assistance was decided or taken back."""

    result: ApplicationResult = about("what became of it")


@payload("target_recognised")
class TargetRecognised:
    """3(1)イ: the office recognised during the case that support is needed."""

    recognition: Recognition = about("the recognition")


@payload("assistance_suspended")
class AssistanceSuspended:
    """Public assistance was suspended (not in the text): the case goes on."""

    reason: str | None = about("why", default=None)


@payload("ended")
class Ended:
    """4(4): support ended because the goal was achieved."""

    employed_on: date | None = about("first day of work, if any", default=None)
    override_reason: Text | None = about("why it ends though not every long goal is achieved", default=None)


@payload("ended_outside")
class EndedOutside:
    """Support ended in a way that the text does not know."""

    reason: OutsideReason = about("why")
    detail: str | None = about("in words", default=None)
    consultation: Meeting | None = about("the consultation that was held on it", default=None)


@payload("discontinued")
class Discontinued:
    """A record of 「中止」, which this 要綱 does not know."""

    reason: str | None = about("the reason recorded", default=None)


@payload("assistance_abolished")
class AssistanceAbolished:
    """6: public assistance was ended."""

    cause: AbolitionCause = about("why")
    need: bool | None = about("own employment: is further support needed? none: not judged", default=None)
    need_judged_on: date | None = about("day of that judgement", default=None)


@payload("information_given")
class InformationGiven:
    """6: the person was given information, together with the self-reliance consultation agency."""

    content: Text = about("what was given")
    agency: Id | None = about("the agency worked with", default=None)
    attempted_only: bool = about("the person could not be reached; the attempt is recorded", default=False)
    personal_data_shared: bool = about("was personal data handed to the agency?", default=False)
    sharing_consented: bool = about("did the person agree to that?", default=False)


KINDS: tuple[type, ...] = (
    Listed,
    Selected,
    Declined,
    Consented,
    ConsentWithdrawn,
    SupportDecided,
    GoalsSet,
    SupportStarted,
    ActivityRecorded,
    Evaluated,
    GoalsChanged,
    Ended,
    EndedOutside,
    Extended,
    ConferenceHeld,
    AdviceGiven,
    TrainingRecognised,
    TrainingUsed,
    ApplicationResolved,
    TargetRecognised,
    AssistanceSuspended,
    AssistanceAbolished,
    InformationGiven,
    Discontinued,
)

register_kinds("saitama", KINDS)
