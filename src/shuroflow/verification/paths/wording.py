"""What each kind of finding and note is called, and how it is told."""

from __future__ import annotations

from shuroflow.states.judgement import Wording

FINDINGS = {
    "unreachable_state": Wording(
        "状態「{state}」に到達する記録がありません", 'no history leads to the state "{state}"'
    ),
    "end_not_reached": Wording(
        "終わりの状態「{state}」に到達する記録がありません", 'no history leads to the end state "{state}"'
    ),
    "trap": Wording(
        "状態「{state}」から、終わりの状態に至る記録がありません", 'no history leads from the state "{state}" to an end'
    ),
    "row_not_taken": Wording(
        "「{event}」({sources} から)を認める記録がありません",
        "no history is allowed to take the row {event} from {sources}",
    ),
    "move_not_taken": Wording(
        "図の矢印「{source} → {dest}」({event})を通る記録がありません",
        "no history takes the arrow {source} → {dest} ({event})",
    ),
    "dead_rule": Wording("規則 {rule} が破られる記録がありません({why})", "no history breaks the rule {rule} ({why})"),
    "overlapping_rows": Wording(
        "「{event}」の行が同時に二つ以上当てはまります: {rows}", "more than one row of {event} applies at once: {rows}"
    ),
    "no_row_applies": Wording(
        "「{event}」は「{state}」で行えるはずですが、どの行も当てはまりません",
        '{event} has rows for the state "{state}", and none of them applies',
    ),
    "without_step": Wording(
        "「{state}」に至りますが、{need}がありません", 'the case comes to "{state}" without {need}'
    ),
    "duty_never_arises": Wording("未了事項「{duty}」が生じる記録がありません", 'no history brings the duty "{duty}"'),
    "duty_never_discharged": Wording(
        "未了事項「{duty}」は生じますが、果たされる記録がありません",
        'the duty "{duty}" arises and no history discharges it',
    ),
    "event_without_row": Wording("出来事 {event} の行がありません", "the event {event} has no row"),
    "move_not_drawn": Wording(
        "日の経過により「{source}」から「{dest}」へ移りますが、図に示されていません",
        'a day moves the case from "{source}" to "{dest}", and the chart does not say so',
    ),
    "falls_over": Wording("「{event}」の判定が失敗します: {error}", "judging {event} fails: {error}"),
}
"""By kind: what is wrong with the rulebook."""

NOTES = {
    "claimed_state": Wording(
        "状態「{state}」は要綱になく、記録がそう主張するときにだけ現れます",
        'the state "{state}" is not of the text; only a record may claim it',
    ),
    "only_refuses": Wording(
        "「{event}」({sources} から)は常に拒否されます。同じ遷移は別の道で起こります",
        "the row {event} from {sources} is always refused; the case takes the same step in another way",
    ),
    "always_speaks": Wording("規則 {rule} は、問われれば必ず指摘します", "the rule {rule} speaks whenever it is asked"),
    "other_settings": Wording(
        "規則 {rule} は、この実施機関の設定では破られず、別の設定でだけ指摘します",
        "the rule {rule} is broken under other settings of the office alone",
    ),
    "lapses_only": Wording(
        "未了事項「{duty}」は、ケースの終わりによってだけ消えます", 'the duty "{duty}" is gone only when the case ends'
    ),
    "never_broken_here": Wording(
        "規則 {rule} は、「{event}」の行では破られることがありません",
        "the rule {rule} is never broken in the row {event}",
    ),
}
"""By kind: what is worth knowing and may well be meant so."""

NEVER_SPEAKS = Wording("問われても、指摘することがない", "it is asked and never speaks")
NEVER_ASKED = Wording("問われることがない", "it is never asked")
NOT_USED = Wording("どの行にもなく、日の経過によっても生じない", "no row has it and no day brings it")

__all__ = ["FINDINGS", "NEVER_ASKED", "NEVER_SPEAKS", "NOTES", "NOT_USED"]
