/*
 * In wide windows a message opens beside or below its list. What is shown are
 * the pages that there are: a list's page takes over the main part of a
 * message's, and a message's that of its list. Addresses, Back and loading
 * again are as without this file.
 */
(() => {
	"use strict";

	const WIDE = matchMedia("(min-width: 85rem)");
	const find = (selector, root = document) => root.querySelector(selector);
	const pane = find(".pane");
	const beside = find(".beside");
	/* Where messages are shown, and where the list is. */
	const shows = pane ?? find("main.message");
	const list = beside ?? find("#main");
	const start = location.href;
	const title = document.title;
	const none = pane && [...pane.childNodes];
	const lines = [];
	let asked = null;

	const isMessage = (link) => link.origin === location.origin &&
	    link.pathname.endsWith("/message") && !link.target && !link.hasAttribute?.("download");
	const same = (one, other) => {
		const [a, b] = [one, other].map((each) => new URL(each, location.href).searchParams);

		return ["folder", "uid", "v"].every((name) => a.get(name) === b.get(name));
	};

	/* No two things of one name in a document. */
	const rename = (part) => {
		part.querySelectorAll("[id]").forEach((each) => {
			const id = each.id;

			if (!document.getElementById(id))
				return;
			each.id = "pane-" + id;
			part.querySelectorAll(`[for="${id}"], [aria-labelledby="${id}"], [aria-describedby="${id}"], [href="#${id}"]`).forEach((to) => {
				["for", "aria-labelledby", "aria-describedby"].forEach((name) => {
					if (to.getAttribute(name) === id)
						to.setAttribute(name, each.id);
				});
				if (to.hash === "#" + id)
					to.hash = each.id;
			});
		});
	};
	const fill = (place, from) => {
		const part = document.createDocumentFragment();

		part.append(...[...from.childNodes].map((each) => document.adoptNode(each)));
		place.replaceChildren();
		rename(part);
		place.append(part, ...(place.id === "main" ? lines : []));
	};

	/* Which row is open; its dot goes, as it does on the server. */
	const mark = (href) => {
		list.querySelectorAll(".list tr.current").forEach((row) => {
			row.classList.remove("current");
			find(".c-subject a", row)?.removeAttribute("aria-current");
		});
		const link = href && [...list.querySelectorAll(".list .c-subject a:not(.thread)")]
		    .find((each) => isMessage(each) && same(each.href, href));
		const row = link?.closest("tr");

		if (!row)
			return;
		row.classList.add("current");
		row.classList.remove("unread");
		find(".c-marks .dot", row)?.remove();
		link.setAttribute("aria-current", "true");
		if (beside)
			row.scrollIntoView({block: "nearest"});
	};

	const failed = (place, what, ask) => {
		const note = document.createElement("div");
		const words = document.createElement("p");
		const again = document.createElement("button");

		note.className = "note note-bad note-failed";
		note.setAttribute("role", "alert");
		words.textContent = what;
		again.type = "button";
		again.textContent = iwm("again");
		again.onclick = ask;
		note.append(words, again);
		find(".note-failed", place)?.remove();
		place.prepend(note);
		place.scrollTop = 0;
	};
	const put = (href, from, focus) => {
		fill(shows, find("main.message", from));
		document.title = from.title;
		if (pane) {
			pane.classList.add("message");
			pane.scrollTop = 0;
		} else {
			scrollTo(0, 0);
		}
		mark(href);
		document.dispatchEvent(new Event("iwm:message"));
		if (focus) {
			const head = find("h1", shows);

			head.tabIndex = -1;
			head.focus({preventScroll: true});
		}
	};
	const get = async (href, signal) => {
		const answer = await fetch(href, {signal});

		return {answer, from: new DOMParser().parseFromString(await answer.text(), "text/html")};
	};
	async function open(href, isNew, focus) {
		asked?.abort();
		const mine = asked = new AbortController();

		shows.setAttribute("aria-busy", "true");
		try {
			const {answer, from} = await get(href, mine.signal);

			/* The login, an error, a page of another kind: as it is. */
			if (!answer.ok || !find("main.message", from)) {
				location.href = href;
				return;
			}
			if (isNew)
				history.pushState({pane: true}, "", href);
			put(href, from, focus);
		} catch (error) {
			if (mine.signal.aborted)
				return;
			/* Asking again is the same step: its address is new if it was. */
			failed(shows, iwm("notLoaded"), () => open(href, isNew, true));
		}
		shows.removeAttribute("aria-busy");
	}
	const close = () => {
		document.dispatchEvent(new Event("iwm:message"));
		asked?.abort();
		shows.removeAttribute("aria-busy");
		pane.classList.remove("message");
		pane.replaceChildren(...none);
		document.title = title;
		find(".list tr.current .c-subject a")?.focus({preventScroll: true});
		mark(null);
	};

	document.addEventListener("click", (event) => {
		const link = event.target.closest("a[href]");

		if (!link || !WIDE.matches || event.defaultPrevented || event.button !== 0 ||
		    event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
			return;
		if (pane?.contains(link) && link.matches(".back")) {
			event.preventDefault();
			history.pushState(null, "", start);
			close();
		} else if (isMessage(link) && (shows.contains(link) || link.closest(".list .c-subject"))) {
			event.preventDefault();
			/* Who uses the keyboard goes on in the message. */
			open(link.href, true, event.detail === 0 || shows.contains(link));
		}
	});
	addEventListener("popstate", () => {
		if (isMessage(location))
			/* What had the focus there goes. */
			open(location.href, false, shows.contains(document.activeElement));
		else if (pane && location.pathname === new URL(start).pathname && pane.classList.contains("message"))
			close();
		else if (!location.hash)
			location.reload();
	});
	/* Too narrow for two: the address says which of them is meant. */
	WIDE.addEventListener("change", () => {
		if (!WIDE.matches && location.href !== start)
			location.reload();
	});
	document.addEventListener("iwm:rows", () => {
		if (isMessage(location))
			mark(location.href);
	});

	/* ---- the lines between them: each a size in steps, a class of the page ---- */
	const isTurned = () => getComputedStyle(list).direction === "rtl";
	/* In rem, from where the box begins. */
	const across = (box, event) => {
		const {left, right} = box.getBoundingClientRect();

		return (isTurned() ? right - event.clientX : event.clientX - left) /
		    parseFloat(getComputedStyle(document.documentElement).fontSize);
	};
	const bar = (how) => {
		const line = document.createElement("div");
		const classes = document.documentElement.classList;
		const now = () => how.steps.find((each) => classes.contains(how.name + each)) ?? how.usual;
		const set = (step) => {
			how.steps.forEach((each) => classes.toggle(how.name + each, each === step && each !== how.usual));
			line.setAttribute("aria-valuenow", step);
		};
		const keep = () => {
			fetch((pane ?? beside).dataset.settings, {
				method: "POST", redirect: "manual", keepalive: true,
				body: new URLSearchParams({csrf: find("#folders").dataset.csrf, do: "width",
					[how.field]: now() === how.usual ? "" : how.name + now()}),
			}).catch(() => {});
		};
		const drag = (event) => {
			const to = how.at(event);

			set(how.steps.reduce((best, each) =>
			    Math.abs(each - to) < Math.abs(best - to) ? each : best));
		};

		line.className = "pane-line " + how.place;
		line.tabIndex = 0;
		line.setAttribute("role", "separator");
		line.setAttribute("aria-orientation", how.keys[0] === "ArrowLeft" ? "vertical" : "horizontal");
		line.setAttribute("aria-label", iwm(how.label));
		line.setAttribute("aria-valuemin", how.steps[0]);
		line.setAttribute("aria-valuemax", how.steps.at(-1));
		line.addEventListener("pointerdown", (event) => {
			line.setPointerCapture(event.pointerId);
			line.addEventListener("pointermove", drag);
			line.addEventListener("lostpointercapture", () => {
				line.removeEventListener("pointermove", drag);
				keep();
			}, {once: true});
			event.preventDefault();
		});
		line.addEventListener("keydown", (event) => {
			const last = how.steps.length - 1;
			const at = how.steps.indexOf(now());
			const turn = isTurned() && how.keys[0] === "ArrowLeft" ? -1 : 1;
			const to = {Home: 0, End: last, [how.keys[0]]: at - turn, [how.keys[1]]: at + turn}[event.key];

			if (to === undefined)
				return;
			event.preventDefault();
			set(how.steps[Math.min(Math.max(to, 0), last)]);
			keep();
		});
		set(now());
		return line;
	};

	lines.push(bar({name: "list-", steps: [20, 24, 28, 32, 36, 40], usual: 28, field: "list_width", label: "listWidth",
		place: "of-list", keys: ["ArrowLeft", "ArrowRight"], at: (event) => across(list, event)}));
	if (pane) {
		lines.push(bar({name: "folders-", steps: [11, 14, 18, 22], usual: 14, field: "folders_width", label: "foldersWidth",
			place: "of-folders", keys: ["ArrowLeft", "ArrowRight"], at: (event) => across(find("#folders"), event)}));
		lines.push(bar({name: "height-", steps: [33, 46, 62], usual: 46, field: "pane_height", label: "paneHeight",
			place: "of-pane", keys: ["ArrowDown", "ArrowUp"], at: (event) => (1 - event.clientY / innerHeight) * 100}));
	}
	find("#main").append(...lines);

	/* ---- a message's page gets its list ---- */
	if (beside && WIDE.matches) {
		const fetchList = () => get(beside.dataset.list).then(({answer, from}) => {
			const main = find("#main", from);

			if (!answer.ok)
				throw new Error(answer.statusText);
			if (!find(".list", main))
				return;
			find(".note", main)?.remove();
			fill(beside, main);
			document.dispatchEvent(new Event("iwm:rows"));
			mark(location.href);
		}).catch(() => failed(beside, iwm("listNotLoaded"), fetchList));

		fetchList();
	}
})();
