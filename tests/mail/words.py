"""Words, people and alphabets of the sample messages."""

from __future__ import annotations

import random
import textwrap
from dataclasses import dataclass

PEOPLE = (
    ("Ben Okafor", "ben@demo.test"),
    ("Chloé Martin", "chloe@demo.test"),
    ("Carla Rossi", "carla@example.org"),
    ("Søren Jensen", "soren@example.net"),
    ("João Silva", "joao.silva@example.com"),
    ("Mei Chen", "mei@example.org"),
    ("Rosa García", "rosa@example.net"),
    ("Grace Kim", "grace.kim@example.com"),
    ("", "no-reply@example.com"),
    ("Müller, Noah (Einkauf)", "noah.mueller@example.org"),
)
SHOPS = (
    ("Cherry & Plum", "news@shop.example.com"),
    ("Bahn Angebote", "angebote@bahn.example.net"),
    ("The Weekly Reader", "weekly@reader.example.org"),
)
TOPICS = (
    "Summer party in the garden",
    "Release 4.2: open questions",
    "Quotation for the roof",
    "Umzug im März",
    "Running dinner",
)
_NOUNS = (
    "meeting report quarter invoice contract delivery design review question answer"
    " status team office ticket weekend family kitchen garden school movie schedule"
    " server backup deadline proposal estimate shipment order payment account"
).split()
_VERBS = "send move check read write plan change bring discuss prepare book cancel".split()
_ENDS = ("today", "on Monday", "next week", "before lunch", "again", "tomorrow", "soon")


def subject(dice: random.Random) -> str:
    first, second = dice.sample(_NOUNS, 2)
    shape = dice.randrange(5)
    if shape == 0:
        return f"{first.capitalize()} and {second}"
    if shape == 1:
        return f"Please {dice.choice(_VERBS)} the {first} {dice.choice(_ENDS)}"
    if shape == 2:
        return f"Your {first} of {dice.choice(_ENDS)}: {second}"
    if shape == 3:
        return f"{first.capitalize()} #{dice.randrange(1000, 9999)}"
    return f"Über den {second}: {first}"


def sentence(dice: random.Random) -> str:
    first, second = dice.sample(_NOUNS, 2)
    return (
        f"We {dice.choice(_VERBS)} the {first} {dice.choice(_ENDS)}, and the"
        f" {second} can wait until somebody has time to {dice.choice(_VERBS)} it."
    )


def lines(dice: random.Random, count: int) -> list[str]:
    return [textwrap.shorten(sentence(dice), 70, placeholder="") for _ in range(count)]


def letter(dice: random.Random) -> str:
    paragraphs = []
    for _ in range(dice.randint(2, 5)):
        paragraphs.append("\n".join(lines(dice, dice.randint(2, 5))))
    if dice.random() < 0.3:
        paragraphs.append("More at https://www.example.org/notes?id=7&lang=en .")
    body = "\n\n".join(paragraphs)
    return f"Hello,\n\n{body}\n\nKind regards\n-- \n{dice.choice(_NOUNS).capitalize()} team\n"


@dataclass(frozen=True)
class Alphabet:
    language: str
    charset: str
    way: str
    sender: tuple[str, str]
    subjects: tuple[str, ...]
    lines: tuple[str, ...]


ALPHABETS = (
    Alphabet(
        "Japanese",
        "iso-2022-jp",
        "7bit",
        ("Takeshi Yamada", "yamada@example.net"),
        ("来週の会議について", "議事録を送付します", "資料の確認をお願いします"),
        ("お世話になっております。", "来週の打ち合わせの資料を送ります。", "よろしくお願いいたします。"),
    ),
    Alphabet(
        "Chinese",
        "gb18030",
        "base64",
        ("Mei Chen", "mei@example.org"),
        ("会议纪要请查收", "项目进度报告"),
        ("您好，附件是会议纪要。", "项目进度如下，请查收。", "谢谢！"),
    ),
    Alphabet(
        "Russian",
        "koi8-r",
        "8bit",
        ("Irina Petrova", "irina@example.com"),
        ("Встреча завтра", "Отчёт за март"),
        ("Здравствуйте!", "Пожалуйста, посмотрите отчёт.", "Спасибо, до завтра."),
    ),
    Alphabet(
        "Arabic",
        "utf-8",
        "base64",
        ("Farid Haddad", "farid@example.org"),
        ("اجتماع يوم الأحد", "تقرير المشروع"),
        ("السلام عليكم", "نرسل إليكم تقرير المشروع (PDF) مع الشكر.", "مع التحية"),
    ),
    Alphabet(
        "Greek",
        "iso-8859-7",
        "quoted-printable",
        ("Eleni", "eleni@example.net"),
        ("Συνάντηση την Τρίτη",),
        ("Καλημέρα σας,", "στέλνω την αναφορά.", "Με εκτίμηση"),
    ),
    Alphabet(
        "Hebrew",
        "windows-1255",
        "base64",
        ("Noa", "noa@example.com"),
        ("פגישה מחר בבוקר",),
        ("שלום,", "מצורף הדוח של הפרויקט (version 2).", "בברכה"),
    ),
    Alphabet(
        "emoji",
        "utf-8",
        "8bit",
        ("Grace 🌻 Kim", "grace.kim@example.com"),
        ("🎉 Party! 🎂 bring 🍒", "👩‍👩‍👧‍👦 family photo 🇫🇷"),
        ("See you there 😀", "👍🏽 yes, and 👨‍🚀 too", "❤️"),
    ),
    Alphabet(
        "Korean",
        "euc-kr",
        "base64",
        ("Grace Kim", "grace.kim@example.com"),
        ("회의 자료",),
        ("안녕하세요.", "회의 자료를 보내 드립니다.", "감사합니다."),
    ),
    Alphabet(
        "French",
        "iso-8859-15",
        "quoted-printable",
        ("Luc Dubois", "luc@example.net"),
        ("Réunion déplacée à jeudi", "Facture n° 12 : 40 €"),
        ("Bonjour Anna,", "la réunion a été déplacée, l'œuvre aussi.", "À bientôt"),
    ),
)
