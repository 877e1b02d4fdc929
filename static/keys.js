/*
 * Keyboard and mouse, on lists and messages. A key, and a row that is dropped
 * on a folder, press a link or a button of the page: nothing is done that
 * cannot be done without this file. templates/keys.html tells the keys.
 */
(() => {
	"use strict";

	/* Where the keys are told; undefined: they are switched off. */
	const sheet = document.querySelector("script[data-keys-js]").dataset.keys;
	const TICK = "input[name=uid], input[name=pick]";
	const PREFIX_MS = 2000;
	/* So long a page that is being left takes no other key. */
	const LEAVE_MS = 4000;
	const MARKER = "iwm-row ";
	/* What is done with a message that stays in the list. */
	const STAYS = /^(un)?(read|flag|label)$|^copy$/;
	const says = document.createElement("div");
	let prefix = "";
	let prefixAt = 0;
	let leftAt = -LEAVE_MS;
	let last = null;

	const find = (selector, root = document) => root.querySelector(selector);
	const listForm = () => find("form.rows");
	const box = (row) => find(TICK, row);
	const link = (row) => find(".c-subject a", row);
	const rows = () => [...document.querySelectorAll(".list tbody tr")].filter(box);
	const ticked = () => rows().filter((row) => box(row).checked);

	const rowOf = (element) => {
		const row = element?.closest(".list tbody tr");

		return row && box(row) ? row : null;
	};
	/* The row that has the focus, as everybody sees. */
	const here = () => rowOf(document.activeElement);
	/* Beside a list a message is meant (panes.js) while no row is. */
	const reads = () => find(".pane.message, main.message") && !here() && ticked().length === 0;
	const form = () => reads() ? null : listForm();

	/* False: there is no such thing on this page. */
	const press = (thing) => {
		if (!thing)
			return false;
		leftAt = performance.now();
		thing.click();
		return true;
	};
	const button = (verb, of = form() ?? document.forms.act) => [...(of?.elements ?? [])]
	    .find((each) => each.name === "do" && each.value === verb);

	/* ---- in a list ---- */
	const go = (row) => {
		if (!row)
			return false;
		last = row;
		link(row).focus();
		return true;
	};
	const step = (by) => {
		const list = rows();
		/* Going on begins where one was, or came back from. */
		const at = list.indexOf(here() ?? (list.includes(last) ? last : rowOf(find(":target"))));

		if (!form())
			return press(find(`.neighbours a[rel=${by > 0 ? "next" : "prev"}]`));
		if (at >= 0)
			return go(list[at + by]);
		return go(list.find((row) => row.getBoundingClientRect().top > 0) ?? list[0]);
	};
	const open = () => here() && press(link(here()));
	const tick = (shiftKey) => {
		const row = here();

		if (!row)
			return false;
		box(row).dispatchEvent(new MouseEvent("click",
		    {bubbles: true, cancelable: true, shiftKey}));
		return true;
	};
	const tickThose = (those) => () => {
		rows().forEach((row) => {
			if (box(row).checked !== those(row))
				box(row).click();
		});
	};
	const unread = (row) => row.classList.contains("unread");
	const flagged = (row) => !!find(".flagged", row);

	/* What is ticked, or the row where one is, which is ticked by that. */
	const chosen = () => {
		const some = ticked();
		const row = here();

		if (some.length > 0 || !row)
			return some;
		box(row).click();
		return [row];
	};

	/*
	 * Where one was, for the page that follows; the tab's name carries it. By
	 * keyboard a row has the focus there; else what is seen stays where it is.
	 */
	const remember = (row, how) => {
		window.name = MARKER + link(row).id + " " + how;
	};
	const rememberSeen = (list) => {
		const top = (row) => row.getBoundingClientRect().top;
		const row = list.find((each) => top(each) > 0) ?? list.at(-1);

		if (row)
			remember(row, Math.round(top(row)));
	};
	const rememberAfter = (list, some, leaves) => {
		const at = Math.max(list.indexOf(here() ?? some[0]), 0);
		const stays = (row) => !leaves || !some.includes(row);
		const row = list.slice(at).find(stays) ?? list.slice(0, at).reverse().find(stays);

		if (row && find(":focus-visible"))
			remember(row, "focus");
		else
			rememberSeen(list.filter(stays));
	};
	const comeBack = () => {
		const [id, how] = window.name.slice(MARKER.length).split(" ");
		const to = document.getElementById(id);

		if (how === "focus")
			to?.focus();
		else if (to)
			scrollBy(0, to.closest("tr").getBoundingClientRect().top - how);
		window.name = "";
	};
	const back = () => {
		const to = find(".pane.message .back") ?? find("main .back");

		if (to?.closest("main"))
			window.name = MARKER + to.hash.slice(1) + " focus";
		return press(to);
	};
	const act = (verb) => {
		if (form() && chosen().length === 0) {
			says.textContent = iwm("noneTicked");
			return false;
		}
		return press(button(verb));
	};
	/* By whatever it is done: a key, a button, a finger that pushes a row. */
	document.addEventListener("submit", ({target, submitter}) => {
		const some = ticked();

		if (target === listForm() && submitter?.name === "do" && some.length > 0)
			rememberAfter(rows(), some, !STAYS.test(submitter.value));
		else if (target.closest(".note") && target.elements.undo)
			rememberSeen(rows());
	});
	const flag = () => {
		const off = form() ? chosen().every(flagged) : button("unflag");

		return act(off ? "unflag" : "flag");
	};
	const move = () => {
		const to = (form() ?? document.forms.act)?.elements.to;

		if (!to || (form() && chosen().length === 0))
			return false;
		for (let fold = to.closest("details"); fold; fold = fold.parentNode.closest("details"))
			fold.open = true;
		to.focus();
		return true;
	};

	/* The link of an open message; of a row, what would be there. */
	const answer = (key, name, value) => {
		const row = here();
		const to = document.createElement("a");
		const from = row && new URL(link(row).href).searchParams;

		if (!form())
			return press(find(`[data-key=${key}]`));
		if (!row || !link(row).pathname.endsWith("/message"))
			return false;
		to.href = link(row).pathname.replace(/message$/, "compose") + "?" +
		    new URLSearchParams([...["folder", "uid", "v"].map((each) =>
		        [each, from.get(each)]), [name, value]]);
		return press(to);
	};
	const folder = (icon) => press(find(`#folders a use[href$="#${icon}"]`)?.closest("a"));
	const page = (rel) => press(find(`nav.pager a[rel=${rel}]`));
	const search = () => {
		const field = find("#q");

		field?.focus();
		field?.select();
		return !!field;
	};

	/* ---- the sheet ---- */
	const help = () => {
		fetch(sheet).then((answer) => answer.text()).then((text) => {
			const told = new DOMParser().parseFromString(text, "text/html");
			const dialog = document.createElement("dialog");
			const close = document.createElement("button");
			const main = find("main", told);
			const title = find("h1", main);

			title.id = "sheet-title";
			dialog.className = "sheet";
			dialog.setAttribute("aria-labelledby", title.id);
			close.type = "button";
			close.textContent = iwm("close");
			close.onclick = () => dialog.close();
			dialog.onclose = () => dialog.remove();
			dialog.append(close, ...main.childNodes);
			document.body.append(dialog);
			dialog.showModal();
		}).catch(() => {
			location.href = sheet;
		});
		return true;
	};

	const keys = {
		"?": help,
		"/": search,
		"c": () => press(find("#folders .write")),
		"z": () => press(find(".note form:has([name=undo]) button, .note button[value=restore]")),
		"gi": () => folder("inbox"),
		"gs": () => folder("sent"),
		"gd": () => folder("drafts"),
		"ga": () => folder("archive"),
		"gt": () => folder("trash"),
		"gn": () => page("next"),
		"gp": () => page("prev"),
		"j": () => step(1),
		"n": () => step(1),
		"k": () => step(-1),
		"p": () => step(-1),
		"o": open,
		"u": back,
		"x": () => tick(false),
		"X": () => tick(true),
		"*a": tickThose(() => true),
		"*n": tickThose(() => false),
		"*r": tickThose((row) => !unread(row)),
		"*u": tickThose(unread),
		"*s": tickThose(flagged),
		"*t": tickThose((row) => !flagged(row)),
		"e": () => act("archive"),
		"#": () => act("delete"),
		"!": () => act("junk"),
		"I": () => act("read"),
		"U": () => act("unread"),
		"s": flag,
		"v": move,
		"r": () => answer("r", "reply", "one"),
		"a": () => answer("a", "reply", "all"),
		"f": () => answer("f", "forward", "1"),
	};

	/* Letters as on a Latin keyboard, capitals by Shift alone. */
	const keyOf = ({key, code, shiftKey}) => {
		const latin = key > "~" && /^Key[A-Z]$/.test(code) ? code.slice(3) : key;

		return !/^[a-z]$/i.test(latin) ? latin
		    : shiftKey ? latin.toUpperCase() : latin.toLowerCase();
	};
	const writes = (where) => where.isContentEditable || where.closest(
	    "input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select, dialog");

	const pressed = (event) => {
		const now = performance.now();
		const before = now - prefixAt < PREFIX_MS ? prefix : "";
		const key = keyOf(event);
		const does = Object.hasOwn(keys, before + key) ? keys[before + key] : null;

		if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing ||
		    event.defaultPrevented || event.key === "Shift" || writes(event.target))
			return;
		prefix = "";
		if (key === "Escape")
			leftAt = -LEAVE_MS;
		if (!before && (key === "g" || key === "*")) {
			prefix = key;
			prefixAt = now;
			event.preventDefault();
		} else if (does && now - leftAt > LEAVE_MS &&
		    !(event.repeat && !/^[jk]$/.test(key)) && does() !== false) {
			event.preventDefault();
		}
	};

	/* ---- rows that are dragged to a folder ---- */
	let dragged = null;
	let over = null;
	let unfold = {fold: null, timer: 0};

	const option = (place) => {
		const name = place?.pathname.endsWith("/list") &&
		    new URL(place.href).searchParams.get("folder");

		return name && [...listForm()?.elements.to?.options ?? []].find(({value}) => value === name);
	};
	const mark = (place) => {
		over?.classList.remove("drop");
		over = place;
		over?.classList.add("drop");
	};
	const image = (transfer, words) => {
		const shown = document.createElement("div");

		shown.className = "dragged";
		shown.textContent = words;
		document.body.append(shown);
		transfer.setDragImage(shown, -8, -8);
		setTimeout(() => shown.remove());
	};
	const mouse = {
		/* A finger scrolls. */
		pointerdown({pointerType, target}) {
			const row = target.closest(".list tbody tr");

			if (row && box(row) && button("move", listForm()))
				row.draggable = pointerType === "mouse";
		},
		dragstart({target, dataTransfer}) {
			const row = target instanceof Element && target.closest(".list tbody tr[draggable=true]");
			const all = find(".all-match input:checked");
			let words;

			if (!row)
				return;
			dragged = box(row).checked ? ticked() : [row];
			words = box(row).checked && all ? all.parentNode.textContent.trim()
			                                : iwm("dragged", {count: dragged.length});
			dataTransfer.setData("application/x-iwebmsg", "");
			dataTransfer.effectAllowed = "all";
			image(dataTransfer, words);
			says.textContent = iwm("drop", {what: words});
		},
		dragover(event) {
			const place = event.target.closest("#folders li > a");
			const fold = event.target.closest("#folders summary");

			if (!dragged)
				return;
			if (fold !== unfold.fold) {
				clearTimeout(unfold.timer);
				unfold = {fold, timer: fold && setTimeout(() => {
					fold.parentNode.open = true;
				}, 600)};
			}
			mark(option(place) ? place : null);
			if (!over)
				return;
			event.dataTransfer.dropEffect = "move";
			event.preventDefault();
		},
		drop(event) {
			const to = dragged && option(event.target.closest("#folders li > a"));
			const all = find(".all-match input");
			const some = dragged;

			if (!to)
				return;
			event.preventDefault();
			dragged = null;
			if (all && !box(some[0]).checked)
				all.checked = false;
			rows().forEach((row) => {
				box(row).checked = some.includes(row);
			});
			to.selected = true;
			press(button("move", listForm()));
		},
		dragend() {
			mark(null);
			clearTimeout(unfold.timer);
			if (dragged)
				says.textContent = iwm("notMoved");
			dragged = null;
		},
	};

	says.className = "vh";
	says.setAttribute("role", "status");
	document.getElementById("main").append(says);
	Object.keys(mouse).forEach((kind) => {
		document.addEventListener(kind, mouse[kind]);
	});
	if (sheet)
		document.addEventListener("keydown", pressed);
	if (window.name.startsWith(MARKER))
		comeBack();
	const stays = () => {
		leftAt = -LEAVE_MS;
	};
	window.addEventListener("pageshow", stays);
	/* Beside its list: the page was not left. */
	document.addEventListener("iwm:message", stays);
})();
