"""Invented names: people, townships, villages, payees. Nobody and no place here is real."""

from __future__ import annotations

from random import Random

_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
    "杜叶程苏魏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方白邹孟熊秦邱江尹薛闫段雷侯龙"
    "史陶黎贺顾毛郝龚邵万钱覃戴莫孔向常"
)
_GIVEN_MALE = (
    "国庆 建华 志强 文军 光明 永福 德才 世平 兴旺 长林 顺昌 朝阳 "
    "正义 明辉 家兴 启发 开元 昌盛 友良 小龙 贵生 海涛 云飞 天佑 "
    "忠诚 大山 应举 再兴 仕林 荣贵 先富 守田 "
)
_GIVEN_FEMALE = (
    "秀英 桂花 美琴 丽华 小燕 红梅 春香 玉兰 金凤 彩霞 凤英 月娥 "
    "淑珍 春桃 银花 素芬 兰芝 秋菊 朝霞 小妹 仕芬 光秀 云珍 开秀 "
    "明仙 德芬 顺英 启珍 世琼 永芬 喜妹 安琴 "
)
_TOWNSHIPS = (
    "云岭 清溪 石桥 双河 龙泉 凤山 茶林 白岩 麻柳 沙坪 金竹 红枫 "
    "望江 松坪 高坡 青杠 花溪口 桃源 古渡 牛场 马鞍 水塘 仙鹤 银杏 "
)
_VILLAGES = (
    "新民 团结 光荣 幸福 兴旺 平安 和平 向阳 东风 永兴 前进 安乐 "
    "长寿 五星 民主 富强 友谊 红星 同心 振兴 大坝 上寨 下寨 中坝 "
    "岩脚 坡头 河边 田坝 梨子坪 杉木坳 "
)
_GOODS = "饲料 种苗 仔猪 牛犊 农资 果苗 鱼苗 鸡苗 化肥 农具 大棚膜 茶苗 "

SURNAMES = tuple(_SURNAMES)
GIVEN_MALE = tuple(_GIVEN_MALE.split())
GIVEN_FEMALE = tuple(_GIVEN_FEMALE.split())
TOWNSHIPS = tuple(_TOWNSHIPS.split())
VILLAGES = tuple(_VILLAGES.split())
GOODS = tuple(_GOODS.split())


def surname(rng: Random) -> str:
    """A common surname."""
    return rng.choice(SURNAMES)


def given(rng: Random, *, male: bool) -> str:
    """A given name of two characters."""
    return rng.choice(GIVEN_MALE if male else GIVEN_FEMALE)


def payee(rng: Random) -> str:
    """A person who sells what a farm needs, as a bank slip would name him."""
    return f"{surname(rng)}{given(rng, male=rng.getrandbits(1) == 1)}（{rng.choice(GOODS)}）"


def township(number: int) -> str:
    """The invented name of the number-th township; names repeat with a numeral once they are used up."""
    turn, place = divmod(number, len(TOWNSHIPS))
    return TOWNSHIPS[place] + ("" if turn == 0 else f"{turn + 1}") + "镇"


def village(number: int) -> str:
    """The invented name of the number-th village of a township."""
    turn, place = divmod(number, len(VILLAGES))
    return VILLAGES[place] + ("" if turn == 0 else f"{turn + 1}") + "村"
