"""Labels: keywords of messages with names and colours."""

from __future__ import annotations

import re

import mailbox as box
from client import Client, Form, Page
from mailbox import letter, list_url


def chips(page: Page) -> list[str]:
    """The names on the labels a page shows."""
    return re.findall(r'<span class="label [\w-]+"><span class="vh">Label </span><bdi>(.*?)</bdi>', page.html)


class LabelTest(box.MailTest):
    def someone(self, count: int = 3) -> tuple[str, Client]:
        user = self.person()
        box.put(self.backend, user, "INBOX", *(letter(f"m{at}") for at in range(count)))
        return user, self.browser(user)

    def test_set_and_remove_with_undo(self) -> None:
        user, client = self.someone()
        page = client.get(list_url())
        self.assertEqual(chips(page), [])
        done = client.press(page, "do=label", uid=["1", "2"], label="$label1")
        self.assertIn("2 messages have the label now.", done.text)
        self.assertEqual(chips(done), ["Important", "Important"])
        self.assertIn("$label1", {each.lower() for each in box.flags(self.backend, user, "INBOX")[1]})
        # Only what was changed is changed back.
        done = client.press(client.get(list_url()), "do=label", uid=["2", "3"], label="$label1")
        undone = client.press(done, "Undo")
        self.assertEqual(chips(undone), ["Important", "Important"])
        done = client.press(undone, "do=unlabel", uid=["1", "2", "3"], label="$label1")
        self.assertEqual(chips(done), [])
        self.assertEqual(chips(client.press(done, "Undo")), ["Important", "Important"])
        # Nothing chosen, and what is none.
        self.assertIn("Please choose a label first.", client.press(page, "do=label", uid=["1"], label="").text)

    def test_on_a_message_and_all_that_match(self) -> None:
        user, client = self.someone(60)
        message = client.get(box.rows(client.get(list_url()))[0].url)
        done = client.press(message, "do=label", label="$label2")
        self.assertIn("The label is set on 1 message.", done.text)
        self.assertEqual(chips(done), ["Work"])
        self.assertIn("choose a label first", client.press(done, "do=label", label="").text)
        self.assertEqual(chips(client.press(done, "do=unlabel", label="$label2")), [])
        done = client.press(client.get(list_url()), "do=label", all="60", label="$label5")
        self.assertIn("60 messages have the label now.", done.text)
        set_on = [each for each in box.flags(self.backend, user, "INBOX").values() if "$label5" in {f.lower() for f in each}]
        self.assertEqual(len(set_on), 60)
        found = client.get(list_url(q="label:later"))
        self.assertIn("60 found", found.text)

    def test_one_called_junk(self) -> None:
        """It is a label as others, and no word to the spam filter."""
        user, client = self.someone()
        client.press(client.get("/labels"), "do=make", name="Junk", colour="1")
        page = client.get(list_url())
        value = re.search(r'<option value="([^"]+)">Junk</option>', page.html.split('name="label"', 1)[1])
        assert value
        done = client.press(page, "do=label", uid=["1"], label=value.group(1))
        self.assertEqual(chips(done), ["Junk"])
        self.assertNotIn("junk", {each.lower() for each in box.flags(self.backend, user, "INBOX")[1]})

    def test_others_set_them_too(self) -> None:
        user, client = self.someone()
        box.store(self.backend, user, "1", "+FLAGS ($label3 Projekt-7 $Forwarded NonJunk $other)")
        page = client.get(list_url())
        self.assertEqual(chips(page), ["Personal", "Projekt-7"])
        box.store(self.backend, user, "1", "-FLAGS ($label3)")
        self.assertEqual(chips(client.get(list_url())), ["Projekt-7"])
        hits = client.get("/search?q=label:Projekt-7&in=all")
        self.assertEqual(chips(hits), ["Projekt-7"])

    def test_own_names_and_colours(self) -> None:
        user, client = self.someone()
        page = client.get("/labels")
        for name in ("Important", "Work", "Personal", "To Do", "Later"):
            self.assertIn(name, page.text)
        made = client.press(page, "do=make", name="Путешествие", colour="5")
        self.assertIn("The label is made.", made.text)
        self.assertIn("label-teal", made.html)
        again = client.press(made, "do=make", name="путешествие", colour="1")
        self.assertEqual(again.status, 422)
        self.assertIn("There is a label of this name already.", again.text)
        client.press(made, "do=make", name="Reise <2026>", colour="0")
        page = client.get(list_url())
        choices = re.findall(r'<option value="([^"]+)">([^<]+)</option>', page.html)
        keyword = dict((name, value) for value, name in choices)
        done = client.press(page, "do=label", uid=["3"], label=keyword["Путешествие"])
        self.assertEqual(chips(done), ["Путешествие"])
        client.press(client.get(list_url()), "do=label", uid=["2"], label=keyword["Reise &lt;2026&gt;"])
        self.assertIn("reise_2026", box.flags(self.backend, user, "INBOX")[2])
        found = client.get(list_url(q='label:"ПУТЕШЕСТВИЕ"'))
        self.assertEqual([row.uid for row in box.rows(found)], [3])
        # Another name for the same keyword; deleted, and back.
        page = client.get("/labels")
        form = self.row(page, "reise_2026")
        saved = client.submit(form, "do=save", name="Urlaub", colour="2")
        self.assertIn("The label is changed.", saved.text)
        self.assertEqual(set(chips(client.get(list_url()))), {"Urlaub", "Путешествие"})
        gone = client.submit(self.row(saved, "reise_2026"), "do=delete")
        self.assertIn("The label is deleted.", gone.text)
        self.assertIn("reise_2026", chips(client.get(list_url())))
        self.assertIn("there again", client.press(gone, "Undo").text)
        self.assertIn("Urlaub", chips(client.get(list_url())))
        # What is chosen by a page that is old is not another label.
        self.assertEqual(client.submit(form, "do=save", name="").status, 422)

    def row(self, page: Page, keyword: str) -> Form:
        for form in page.forms:
            found = form.find("keyword")
            if found is not None and found.value == keyword:
                return form
        raise AssertionError(f"no row of {keyword}")

