"""Amounts in Chinese capital numerals, as the central bank wants them on bills (正确填写票据和结算凭证的基本规定).

Where the rules leave a choice this module takes one, always the same:

- a zero in the yuan's place before a jiao is written: 1680.32 is 壹仟陆佰捌拾元零叁角贰分;
- a zero in the place of 万 or 亿 alone is not: 107000.53 is 壹拾万柒仟元零伍角叁分;
- 整 follows 元 only, never 角 or 分: 1409.50 is 壹仟肆佰零玖元伍角;
- ten is 壹拾, never 拾.
"""

from __future__ import annotations

from bangfu.money.fen import FEN_PER_YUAN

DIGITS = "零壹贰叁肆伍陆柒捌玖"
LARGEST_FEN = 10**18 - 1  # 9,999 万亿 yuan and more stand on no form

_UNITS = ((1000, "仟"), (100, "佰"), (10, "拾"), (1, ""))
_WAN, _YI = 10**4, 10**8


class NotInCapitals(ValueError):  # noqa: N818 - it says what cannot be written
    """An amount that the rules have no capitals for; ``name`` says why.

    ``amount_negative``: a bill or a form bears no amount below zero. ``amount_too_large``: 万万亿 has no rule.
    """

    def __init__(self, name: str, fen: int) -> None:
        super().__init__(f"{name}: {fen} fen")
        self.name = name
        self.fen = fen


def capitals(fen: int) -> str:
    """The amount in capitals without the word 人民币: 5_000_000 is ``"伍万元整"``.

    Args:
        fen: Fen, zero or more and at most ``LARGEST_FEN``.

    Raises:
        NotInCapitals: ``amount_negative`` or ``amount_too_large``.
    """
    if fen < 0:
        raise NotInCapitals("amount_negative", fen)
    if fen > LARGEST_FEN:
        raise NotInCapitals("amount_too_large", fen)
    yuan, rest = divmod(fen, FEN_PER_YUAN)
    jiao, odd = divmod(rest, 10)
    if not rest:
        return (_whole(yuan) or DIGITS[0]) + "元整"
    # Rules 3 and 4: a zero stands between the yuan and what follows it, where either neighbour is zero.
    gap = DIGITS[0] if yuan and (not jiao or not yuan % 10) else ""
    return (
        (f"{_whole(yuan)}元{gap}" if yuan else "")
        + (f"{DIGITS[jiao]}角" if jiao else "")
        + (f"{DIGITS[odd]}分" if odd else "")
    )


def _whole(number: int) -> str:
    """A whole number; nothing for zero."""
    for size, unit in ((_YI, "亿"), (_WAN, "万")):
        high, low = divmod(number, size)
        if high:
            # Rule 1 and 2: zeros between the groups are one 零, and none where the group below is full.
            gap = DIGITS[0] if low and low < size // 10 else ""
            return _whole(high) + unit + gap + _whole(low)
    return _below_wan(number)


def _below_wan(number: int) -> str:
    text, gap = "", ""
    for size, unit in _UNITS:
        digit, number = divmod(number, size)
        if digit:
            text += gap + DIGITS[digit] + unit
            gap = ""
        elif text:
            gap = DIGITS[0]
    return text
