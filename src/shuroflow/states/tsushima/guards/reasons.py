"""Why a rule of this text does not apply to an event: the facts that put it out of play, in the order of the text.

A fact that is not on record is a reason too: what cannot be compared is not said to be kept. Where a case goes on with
another application, no step of the earlier one counts: what is missing is missing for the present application.
"""

from __future__ import annotations

from shuroflow.states.judgement import Inapplicable, Wording

# 第4条 事業対象者
CONSULTATION_APPLICANT = Inapplicable(
    Wording(
        ja="相談支援の申込者である(その居住は別の規則で確かめる)",
        en="the person applied for consultation support; another rule asks where such a person lives",
    )
)
NOT_CONSULTATION_APPLICANT = Inapplicable(
    Wording(
        ja="相談支援の申込者として記録されていない",
        en="the person is not on record as an applicant for consultation support",
    )
)
NOT_BY_ITEM_1 = Inapplicable(
    Wording(
        ja="利用決定は第4条第1号によるものではない",
        en="the approval does not rest on Article 4 item 1",
    )
)
NOT_BY_ITEM_2 = Inapplicable(
    Wording(
        ja="利用決定は第4条第2号によるものではない",
        en="the approval does not rest on Article 4 item 2",
    )
)
NO_ASSESSMENT = Inapplicable(
    Wording(
        ja="今回の申込みについての査定が記録されていない(そのことは別の規則で確かめる)",
        en="no assessment is on record for the present application, of which another rule speaks",
    )
)
NO_APPLICATION = Inapplicable(Wording(ja="申込日が記録されていない", en="the day of application is not on record"))
NOT_CALCULATED = Inapplicable(
    Wording(
        ja="申込みを受けて査定した記録がなく、今回の申込みについての収入・資産の計算がない",
        en="no assessment that follows the present application is on record, so income and assets are not calculated",
    )
)
FIGURE_MISSING = Inapplicable(
    Wording(
        ja="計算に要る数値が手元になく、判定できない(そのことは別の規則で確かめる)",
        en="a figure for the calculation is not on hand, so it cannot be judged; another rule speaks of that",
    )
)
MEMBERSHIP_NOT_CONFIRMED = Inapplicable(
    Wording(
        ja="暴力団員かどうかが記録されていない人がいて、判定できない(そのことは別の規則で確かめる)",
        en="membership is not on record for everyone concerned, so it cannot be judged; another rule speaks of that",
    )
)
MEMBERSHIP_NOT_RECORDED = Inapplicable(
    Wording(
        ja="暴力団員かどうかが記録されていない人がいて、判定できない",
        en="membership is not on record for everyone concerned, so it cannot be judged",
    )
)
ALL_MEMBERS = Inapplicable(
    Wording(
        ja="全員が暴力団員と記録されている(そのことは別の規則で確かめる)",
        en="everyone concerned is recorded as a member, of which another rule speaks",
    )
)
HOUSEHOLD_COUNTED = Inapplicable(
    Wording(
        ja="世帯員の数のほかに人数を定めていない",
        en="no number of persons is given other than that of the household",
    )
)
LEVY_SIZE_GIVEN = Inapplicable(
    Wording(
        ja="均等割の人数が査定で別に定められている",
        en="the assessment gives the number of persons for the levy itself",
    )
)

# 第5条 利用申込み
RECEIPT_DAY_NOT_RECORDED = Inapplicable(
    Wording(
        ja="受理した日が申込日のほかに記録されていない",
        en="no day of receipt is on record beside the day of application",
    )
)
NO_RECEIPT = Inapplicable(Wording(ja="申込みの受理が記録されていない", en="no receipt of an application is on record"))
NO_DECISION = Inapplicable(
    Wording(
        ja="今回の申込みについての決定が記録されていない", en="no decision is on record for the present application"
    )
)
NEITHER_APPROVED_NOR_REJECTED = Inapplicable(
    Wording(
        ja="今回の申込みについて、利用を認める決定も認めない決定も記録されていない",
        en="neither an approval nor a rejection is on record for the present application",
    )
)

# 第6条 利用期間
NO_EARLIER_PERIOD = Inapplicable(
    Wording(
        ja="以前の利用の終わり方も最終日も記録されていない",
        en="neither an outcome nor a last day of an earlier use is on record",
    )
)
NO_PERIOD_RAN = Inapplicable(
    Wording(
        ja="以前の申込みは却下又は取下げで、その利用期間の最終日は記録されていない",
        en="the earlier application was rejected or taken back, and no last day of a use is on record",
    )
)
LAST_DAY_NOT_RECORDED = Inapplicable(
    Wording(
        ja="以前の利用の最終日が記録されておらず、申込日と比べられない",
        en="the last day of the earlier use is not on record, so the day of application cannot be compared with it",
    )
)
NO_EARLIER_OUTCOME = Inapplicable(
    Wording(
        ja="以前の利用の終わり方が記録されていない",
        en="how an earlier use ended is not on record",
    )
)
NO_EARLIER_MONTHS = Inapplicable(Wording(ja="以前に利用した月の記録がない", en="no month of earlier use is on record"))
BEFORE_APPLICATION = Inapplicable(
    Wording(
        ja="利用開始日が申込日より前である(そのことは別の規則で確かめる)",
        en="the first day lies before the application, of which another rule speaks",
    )
)
NOT_NOTIFIED = Inapplicable(
    Wording(
        ja="今回の申込みについて、それまでに利用開始日の通知が記録されていない",
        en="no notice of a first day is on record so far for the present application",
    )
)
NOT_IN_USE = Inapplicable(Wording(ja="その時点で利用中ではない", en="use is not under way at that point"))
EMPTY_PERIOD = Inapplicable(
    Wording(
        ja="利用開始日が期間の末日より後である(そのことは別の規則で確かめる)",
        en="the first day lies after the end of the period, of which another rule speaks",
    )
)

# 第7条 利用の中止
NOT_GROUND_1 = Inapplicable(
    Wording(ja="中止の事由に第1号(要件の喪失)がない", en="ground 1 (no longer eligible) is not among the grounds")
)
NO_FAILED_ITEM = Inapplicable(
    Wording(
        ja="当たらなくなった第4条の号が記録されていない(そのことは別の規則で確かめる)",
        en="no item of Article 4 is named as lost, of which another rule speaks",
    )
)
NOT_GROUND_2 = Inapplicable(
    Wording(ja="中止の事由に第2号(支障と指導)がない", en="ground 2 (hindrance and guidance) is not among the grounds")
)
NOT_GROUND_3 = Inapplicable(
    Wording(
        ja="中止の事由に第3号(相談支援の拒否等)がない",
        en="ground 3 (consultation support refused) is not among the grounds",
    )
)
NOT_GROUND_4 = Inapplicable(
    Wording(ja="中止の事由に第4号(所在不明)がない", en="ground 4 (whereabouts unknown) is not among the grounds")
)
NOT_GROUND_5 = Inapplicable(
    Wording(
        ja="中止の事由に第5号(その他継続困難)がない",
        en="ground 5 (other judgement of the director) is not among the grounds",
    )
)

# 第8条 担当者の担務
NO_PLAN = Inapplicable(
    Wording(
        ja="今回の申込みについての計画書が記録されておらず、課題と照らすことができない",
        en="no plan is on record for the present application with whose problems the support could be compared",
    )
)

# 第9条 体験就労, 第10条 請求と支払
NO_DAYS = Inapplicable(Wording(ja="対象となる日が記録されていない", en="no day is recorded that could be looked at"))
NO_CLAIM = Inapplicable(
    Wording(
        ja="この番号の請求で、受理されて返戻されていないものが記録にない(そのことは別の規則で確かめる)",
        en="no claim that bears this id is on record as received and not given back, of which another rule speaks",
    )
)
CALENDAR_ENDS = Inapplicable(
    Wording(
        ja="福祉事務所の暦が期日に及ばず、閉庁日か判定できない(そのことは別の規則で確かめる)",
        en="the office calendar does not reach the due day, so moving it cannot be judged; another rule speaks of that",
    )
)
PAID_BY_DUE_DAY = Inapplicable(
    Wording(
        ja="30日目までに支払われており、暦によらず期限内である",
        en="it was paid by the thirtieth day, in time by any calendar",
    )
)
PAID_LATE = Inapplicable(
    Wording(
        ja="繰り下げた期日よりも後の支払である(そのことは別の規則で確かめる)",
        en="the payment came after the moved day as well, of which another rule speaks",
    )
)

# 附則, 様式
BEFORE_NEW_FORMS = Inapplicable(
    Wording(
        ja="改正の様式が施行された日(令和3年6月28日)以前の書類である",
        en="the paper is of the day from which the amended forms are in force (2021-06-28), or earlier",
    )
)
NO_PAPER = Inapplicable(
    Wording(
        ja="書類が記録されていない(そのことは別の規則で確かめる)",
        en="no paper is on record for the event, of which another rule speaks",
    )
)
EDITION_NOT_RECORDED = Inapplicable(
    Wording(
        ja="様式の版が記録されていない書類がある",
        en="the edition of the form is not on record for every paper",
    )
)
