"""Why a rule of this text does not apply to an event: the facts that put it out of play, in the order of the text.

A fact that is not on record is a reason too: what cannot be compared is not said to be kept.
"""

from __future__ import annotations

from shuroflow.states.judgement import Inapplicable, Wording

# 2 実施主体
NO_SPECIALIST = Inapplicable(
    Wording(
        ja="このケースの専門員が記録されていない(支援の開始の記録がない)",
        en="no specialist is on record for the case (no start of support)",
    )
)
OWN_STAFF = Inapplicable(
    Wording(ja="専門員は受託事業者の者ではない", en="the specialist is not employed by a contractor")
)

# 3(1) 支援対象者
NOT_CLASS_A = Inapplicable(
    Wording(ja="アに当たる者として選定されたのではない", en="the person is not selected under ア")
)
NOT_CLASS_I = Inapplicable(
    Wording(ja="イに当たる者として選定されたのではない", en="the person is not selected under イ")
)
NO_RECOGNITION = Inapplicable(
    Wording(
        ja="福祉事務所の認定が記録されておらず、その理由を確かめられない",
        en="no recognition by the office is on record whose reason could be looked at",
    )
)
APPLICATION_NOT_FAILED = Inapplicable(
    Wording(
        ja="却下・取下げとなったままの保護申請は記録されていない",
        en="no application for assistance stands on record as failed",
    )
)
FAILED_LATER = Inapplicable(
    Wording(
        ja="保護申請の最後に記録された結果(却下・取下げ)は、その日より後のものである",
        en="the last outcome on record of the application for assistance, a failure, is of a later day",
    )
)

# 4(1) 選定及び同意
NOT_LISTED = Inapplicable(
    Wording(ja="候補者のリストに載せた日が記録されていない", en="the day of the listing is not on record")
)
NOT_SELECTED = Inapplicable(
    Wording(ja="支援対象者としての選定が記録されていない", en="no selection of the person is on record")
)
NOT_FOR_ABOLITION = Inapplicable(
    Wording(
        ja="支援に至らなかった理由は保護の廃止ではない",
        en="it is not because assistance ended that no support came about",
    )
)
NO_CONSENT = Inapplicable(Wording(ja="同意が記録されていない", en="no consent is on record"))
NO_DECISION = Inapplicable(
    Wording(ja="決定も同意も記録されていない", en="neither a decision nor a consent is on record")
)
FIRST_DAY_NOT_RECORDED = Inapplicable(
    Wording(ja="支援開始日が記録されていない", en="the first day of support is not on record")
)
BEFORE_CONSENT = Inapplicable(
    Wording(
        ja="その日は同意の日より前である(そのことは別の規則で確かめる)",
        en="the day lies before the consent, of which another rule speaks",
    )
)
NOT_UNDER_WAY = Inapplicable(Wording(ja="その時点で支援中ではない", en="support is not under way at that point"))

# 4(4) 目標の達成
NO_GOAL_ACHIEVED = Inapplicable(
    Wording(
        ja="達成と評価された目標がない(そのことは別の規則で確かめる)",
        en="no goal was found to be achieved, of which another rule speaks",
    )
)

# 4(5) 支援の期間
NO_PERIOD = Inapplicable(Wording(ja="支援の期間が記録されていない", en="no period of support is on record"))
BEFORE_PERIOD = Inapplicable(
    Wording(ja="その日は最初の支援期間が始まる前である", en="the day lies before the first period of support")
)
CONSULTATION_DAY_NOT_RECORDED = Inapplicable(
    Wording(
        ja="延長の協議の日が記録されていない",
        en="the day of the consultation on the extension is not on record",
    )
)

# 5 就労訓練事業の利用
WITHOUT_CONTRACT = Inapplicable(
    Wording(ja="雇用契約を結ばない(非雇用型の)利用である", en="the training is without an employment contract")
)
NO_AUTHORITY = Inapplicable(
    Wording(
        ja="職業紹介事業の届出・許可が記録されていない(そのことは別の規則で確かめる)",
        en="no authority to place people is on record, of which another rule speaks",
    )
)

# 6 生活保護廃止後の支援
NOT_THROUGH_OWN_EMPLOYMENT = Inapplicable(
    Wording(
        ja="保護の廃止は本人の就労によるものではない", en="assistance did not end through the person's own employment"
    )
)
THROUGH_OWN_EMPLOYMENT = Inapplicable(
    Wording(
        ja="本人の就労による廃止であり、6(1)による",
        en="assistance ended through the person's own employment, of which 6(1) speaks",
    )
)
BY_DEATH = Inapplicable(
    Wording(ja="本人の死亡による廃止で、情報を提供する相手がいない", en="the person died: nobody is left to inform")
)
SUPPORT_NOT_ENDED = Inapplicable(Wording(ja="支援の終了が記録されていない", en="no end of the support is on record"))
NOTHING_OWED_AFTER_EMPLOYMENT = Inapplicable(
    Wording(
        ja="6(1)により情報を提供する義務は、このケースの記録では残っていない(生じていない場合を含む)",
        en="no duty to inform under 6(1) is open by the record of this case (it is done, or never arose)",
    )
)
NOTHING_OWED_UNFINISHED = Inapplicable(
    Wording(
        ja="6(2)により情報を提供する義務は、このケースの記録では残っていない(生じていない場合を含む)",
        en="no duty to inform under 6(2) is open by the record of this case (it is done, or never arose)",
    )
)
NOTHING_SHARED = Inapplicable(
    Wording(
        ja="個人情報を自立相談支援機関に提供していない",
        en="no personal data was handed to the consultation agency",
    )
)
