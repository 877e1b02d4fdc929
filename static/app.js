/* Nothing here is needed: every page works without it. */
(function () {
	"use strict";

	/*
	 * Words for people are the page's, in its language: data-NAME of
	 * <template class="words">. {slots} are filled in here. Of "0:…|1:…|",
	 * a form for each kind of number, {count} decides.
	 */
	var LANGUAGE = document.documentElement.lang;
	var WORDS = {};

	document.querySelectorAll("template.words").forEach(function (each) {
		Object.assign(WORDS, each.dataset);
	});
	function form(forms, count) {
		var rules = new Intl.PluralRules(LANGUAGE);

		function of(kind) {
			return forms.find(function (each) {
				return rules.select(parseInt(each, 10)) === kind;
			});
		}
		return (of(rules.select(count)) || of("other") || forms[0])
		    .replace(/^\d+:/, "");
	}
	window.iwm = function (name, slots) {
		var words = WORDS[name] || "";

		if (slots && "count" in slots)
			words = form(words.split("|").filter(Boolean), slots.count);
		return words.replace(/\{(\w+)\}/g, function (all, slot) {
			var value = slots && slots[slot];

			return typeof value === "number"
			    ? value.toLocaleString(LANGUAGE + "-u-nu-latn")
			    : value === undefined ? all : value;
		});
	};

	var MENUS = ".fold-wide[open], .view-menu[open], .rows .fold-narrow[open]";

	/*
	 * The list: one box that ticks all. Shift ticks from the last one. Rows
	 * come and go while the page is open (push.js).
	 */
	function list() {
		var last = null;

		function boxes() {
			return Array.prototype.slice.call(
			    document.querySelectorAll(
			        ".list input[name=uid], .list input[name=pick]"));
		}
		/* `keeps`: rows came or went by themselves, nobody unticked one. */
		function show(keeps) {
			var all = document.querySelector(".all-slot input");
			var match = document.querySelector(".all-match input");
			var some = boxes();
			var ticked = some.filter(function (box) {
				return box.checked;
			}).length;

			if (!all)
				return;
			all.checked = some.length > 0 && ticked === some.length;
			/* What is no longer ticked is no longer meant. */
			if (match && !all.checked && !keeps)
				match.checked = false;
			all.indeterminate = ticked > 0 && ticked < some.length;
		}
		function begin() {
			var slot = document.querySelector(".all-slot");
			/* Of a search: it comes at its end. */
			var match = document.querySelector(".rows > .all-match");
			var label, all;

			if (match)
				document.querySelector(".rows .tools").appendChild(match);

			if (slot && !slot.firstChild) {
				label = document.createElement("label");
				all = document.createElement("input");
				all.type = "checkbox";
				all.autocomplete = "off";
				label.appendChild(all);
				label.appendChild(document.createTextNode(slot.dataset.words));
				slot.appendChild(label);
				all.addEventListener("change", function () {
					boxes().forEach(function (box) {
						box.checked = all.checked;
					});
					show();
				});
			}
			show(true);
		}
		document.addEventListener("click", function (event) {
			var box = event.target;
			var some = boxes();
			var at = some.indexOf(box);
			var from = last ? some.indexOf(last) : -1;

			if (at < 0)
				return;
			if (event.shiftKey && from >= 0) {
				some.slice(Math.min(at, from), Math.max(at, from) + 1)
				    .forEach(function (other) {
					other.checked = box.checked;
				});
			}
			last = box;
			show();
		});
		document.addEventListener("change", function (event) {
			var all = document.querySelector(".all-slot input");

			if (event.target.name === "all" && event.target.checked &&
			    all && !all.checked)
				all.click();
		});
		/* Who means all does not send each: there may be too many. */
		document.addEventListener("formdata", function (event) {
			if (event.formData.has("all"))
				event.formData.delete("pick");
		});
		window.addEventListener("pageshow", function () {
			show(true);
		});
		document.addEventListener("iwm:rows", begin);
		begin();
	}

	/* Settings: only a click may ask for permission to notify. */
	function notify() {
		var place = document.querySelector(".ask-notify");
		var words;

		if (!place || !window.Notification || !window.isSecureContext)
			return;
		words = place.querySelector("span");
		function show() {
			var is = Notification.permission;

			place.querySelector("button").hidden = is !== "default";
			words.textContent = is === "granted" ? iwm("notifyYes")
			    : is === "denied" ? iwm("notifyNo") : "";
		}
		place.hidden = false;
		place.querySelector("button").addEventListener("click", function () {
			Notification.requestPermission().then(show);
		});
		show();
	}

	/* In windows that are wide enough, now or later. */
	function panes(url, load) {
		var wide = window.matchMedia("(min-width: 85rem)");

		function begin() {
			if (!wide.matches || !url)
				return;
			wide.removeEventListener("change", begin);
			load(url);
		}
		if (!document.querySelector(".pane, .beside") ||
		    document.documentElement.classList.contains("alone"))
			return;
		wide.addEventListener("change", begin);
		begin();
	}

	/* On pages that show the folders: new mail; keyboard and mouse. */
	function more() {
		var me = document.querySelector("script[src][data-keys-js]");

		function load(url) {
			var script = document.createElement("script");

			script.src = url;
			document.head.appendChild(script);
		}
		if (!me || !document.querySelector("#folders ul a"))
			return;
		load(me.getAttribute("data-keys-js"));
		panes(me.getAttribute("data-panes-js"), load);
		if (navigator.maxTouchPoints > 0 && document.querySelector("form.rows"))
			load(me.getAttribute("data-swipe-js"));
		if (window.EventSource && me.hasAttribute("data-push"))
			load(me.getAttribute("data-push-js"));
	}

	/* Login: expiring pages and being remembered exclude each other. */
	function login() {
		var remember = document.getElementById("remember");
		var expire = document.getElementById("expire");

		if (!remember || !expire)
			return;
		expire.addEventListener("change", function () {
			if (expire.checked)
				remember.checked = false;
		});
		remember.addEventListener("change", function () {
			if (remember.checked)
				expire.checked = false;
		});
	}

	/*
	 * What was done is said once: not when the page is loaded again. The way
	 * back to the page still has Undo, for a minute.
	 */
	var UNDO_MS = 60000;

	function keep(said) {
		var url = new URL(location.href);

		["note", "n", "undo"].forEach(function (name) {
			url.searchParams.delete(name);
		});
		history.replaceState(Object.assign({}, history.state, {said: said}), "", url);
	}
	function note() {
		var shown = document.querySelector("main .note:has([name=undo])");
		var came = performance.getEntriesByType("navigation")[0];
		var said = history.state && history.state.said;

		if (new URL(location.href).searchParams.has("note")) {
			keep(shown && {note: shown.outerHTML, until: Date.now() + UNDO_MS});
		} else if (said && came && came.type === "back_forward" && Date.now() < said.until) {
			shown = new DOMParser().parseFromString(said.note, "text/html").body.firstElementChild;
			document.querySelector("main :is(.page-head, h1)").after(shown);
		}
		if (shown) {
			shown.addEventListener("submit", function () {
				keep(null);
			});
		}
		announce(document.querySelector("main > .said > p"));
	}
	/* Only what changes while a page is there is read aloud. */
	function announce(said) {
		if (said)
			setTimeout(function () {
				said.replaceChildren(said.textContent);
			}, 200);
	}

	/* Frames are measured when they are loaded: once more at another width. */
	function frames() {
		var width = window.innerWidth;
		var timer = null;

		if (!document.querySelector("iframe.frame") ||
		    !window.CSS || !CSS.supports("frame-sizing", "content-height"))
			return;
		function again() {
			document.querySelectorAll("iframe.frame").forEach(function (frame) {
				frame.contentWindow.location.replace(frame.src);
			});
		}
		window.addEventListener("resize", function () {
			if (window.innerWidth === width)
				return;
			width = window.innerWidth;
			clearTimeout(timer);
			timer = setTimeout(again, 300);
		});
	}

	/* The folders on a narrow screen close with Escape. */
	function folders() {
		document.addEventListener("keydown", function (event) {
			if (event.key === "Escape" && location.hash === "#folders")
				location.hash = "#main";
		});
		reveal();
		remember();
	}
	/* Of many folders, the one where one is. */
	function reveal() {
		var nav = document.getElementById("folders");
		var here = nav && nav.querySelector("a[aria-current]");
		var by;

		if (!here || nav.scrollHeight <= nav.clientHeight)
			return;
		by = here.getBoundingClientRect().bottom -
		    nav.getBoundingClientRect().bottom;
		if (by > 0)
			nav.scrollTop = by + nav.clientHeight / 2;
	}

	/* Menus close with Escape, and by a click elsewhere. */
	function menus() {
		document.addEventListener("click", function (event) {
			document.querySelectorAll(MENUS).forEach(function (menu) {
				if (!menu.contains(event.target))
					menu.open = false;
			});
		});
		document.addEventListener("keydown", function (event) {
			var menu = event.key === "Escape" &&
			    event.target.closest(MENUS);

			if (!menu)
				return;
			menu.open = false;
			menu.querySelector("summary").focus();
		});
	}

	/* Which folders are open is kept for the next page. */
	function remember() {
		var nav = document.getElementById("folders");

		if (!nav || !nav.dataset.url)
			return;
		nav.querySelectorAll("summary").forEach(function (summary) {
			summary.addEventListener("click", function () {
				var details = summary.parentNode;
				var form = new URLSearchParams();

				form.set("csrf", nav.dataset.csrf);
				form.set("folder", details.dataset.folder);
				form.set("quiet", "1");
				form.set("do", details.open ? "shut" : "open");
				fetch(nav.dataset.url, {
					method: "POST", body: form,
					keepalive: true, redirect: "manual",
				}).catch(function () {});
			});
		});
	}

	/* The browser's time zone is offered where it has other times. */
	function zone() {
		var offer = document.querySelector(".zone-offer");
		var name, times;

		if (!offer)
			return;
		name = Intl.DateTimeFormat().resolvedOptions().timeZone;
		times = offer.getAttribute("data-times").split(" ").map(Number);
		if (!name || (!differs(times[0], times[1]) &&
		    !differs(times[2], times[3])))
			return;
		offer.querySelector("b").textContent =
		    " (" + name.replace(/_/g, " ") + ")";
		offer.querySelector("button").value = name;
		/* What it lies upon can be scrolled from under it. */
		document.documentElement.classList.toggle("with-offer",
		    document.documentElement.scrollHeight > window.innerHeight);
		offer.hidden = false;
	}
	function differs(seconds, minutes) {
		var here = -new Date(seconds * 1000).getTimezoneOffset();

		return here !== minutes;
	}

	/* Settings are saved as they change; Save saves the same. */
	function settings() {
		var form = document.querySelector("form.settings");
		var turn = Promise.resolve();

		function say(section, nodes) {
			var said = section.querySelector(".settings-said");

			form.querySelectorAll(".settings-said").forEach(function (all) {
				all.replaceChildren();
			});
			said.append.apply(said, nodes);
		}
		function save(control) {
			var data = new FormData(form);
			var section = control.closest("section");

			/* How pages look is shown at once. */
			if (control.hasAttribute("data-look"))
				control.querySelectorAll("option").forEach(function (each) {
					if (each.value)
						document.documentElement.classList.toggle(
						    each.value, each.selected);
				});
			data.set("do", "save:" + section.dataset.group);
			data.set("quiet", "1");
			/* Else it would be chosen by who never looked at it. */
			if (control.name !== "time_zone")
				data.delete("time_zone");
			turn = turn.then(function () {
				return fetch(form.action, { method: "POST", body: data });
			}).then(function (answer) {
				if (!answer.ok || answer.redirected)
					throw new Error(answer.statusText);
				return answer.text();
			}).then(function (html) {
				say(section, new DOMParser()
				    .parseFromString(html, "text/html").body.childNodes);
			}).catch(function () {
				var words = document.createElement("p");
				var again = document.createElement("button");

				words.textContent = iwm("unsaved") + " ";
				again.type = "button";
				again.className = "small";
				again.textContent = iwm("again");
				again.onclick = function () {
					/* Where one was, when the button is gone. */
					control.focus();
					save(control);
				};
				words.append(again);
				say(section, [words]);
			});
		}
		if (form)
			form.addEventListener("change", function (event) {
				save(event.target);
			});
	}

	settings();
	list();
	login();
	note();
	frames();
	folders();
	menus();
	zone();
	notify();
	more();
})();
