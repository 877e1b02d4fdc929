/*
 * New mail shows by itself. One file for the page and for the worker with the
 * one stream of all tabs. An event says that something changed: the page asks
 * for itself anew and takes over the rows.
 */
(() => {
	"use strict";

	/* ---- the stream ---- */
	function stream(say) {
		var source = null;
		var timer = null;
		var url = "";

		function close() {
			clearTimeout(timer);
			timer = null;
			if (source)
				source.close();
			source = null;
		}
		function again(seconds) {
			var same = url;

			close();
			timer = setTimeout(() => {
				open(same);
			}, seconds * (800 + Math.random() * 400));
		}
		/* EventSource asks again by itself unless it was sent away. */
		function failed() {
			var same = url;

			if (!source || source.readyState !== EventSource.CLOSED)
				return;
			close();
			fetch(same, {method: "HEAD"}).catch(Object).then(
			    (answer) => {
				if (answer.status === 401)
					say({kind: "end"});
				else if (url === same && !source)
					again(60);
			});
		}
		function open(where) {
			close();
			url = where;
			source = new EventSource(where);
			source.onerror = failed;
			source.onmessage = (event) => {
				say(JSON.parse(event.data));
			};
			source.addEventListener("end", (event) => {
				close();
				if (event.data === "busy")
					again(300);
				else if (event.data === "session")
					say({kind: "end"});
				else
					url = "";
			});
		}
		return {
			at: (where) => {
				if (where !== url || (!source && !timer))
					open(where);
			},
			close: () => {
				close();
				url = "";
			}
		};
	}

	/* ---- the worker ---- */
	function work() {
		var pages = new Map();
		var known = {};
		var line = stream((event) => {
			var seen = false;
			var one = null;

			if (event.folder)
				known[event.folder] = event;
			pages.forEach((page, port) => {
				seen = seen || page.seen;
				one = page.calls ? port : one;
			});
			pages.forEach((page, port) => {
				/* Nobody looks: one of them may call. */
				event.calls = !seen && port === one;
				port.postMessage(event);
			});
			if (event.kind === "end") {
				known = {};
				pages.clear();
			}
		});

		self.onconnect = (connected) => {
			var port = connected.ports[0];

			port.onmessage = (message) => {
				var page = message.data;

				if (page.bye) {
					pages.delete(port);
					return;
				}
				if (!pages.has(port) && known[page.folder])
					port.postMessage(Object.assign({},
					    known[page.folder], {kind: "state"}));
				pages.set(port, page);
				if (page.seen || pages.size === 1)
					line.at(page.url);
			};
		};
	}

	/* ---- the page's way to it; without SharedWorker the tab that is seen has it ---- */
	function shared() {
		var port = new SharedWorker(script.dataset.pushJs).port;

		port.onmessage = (message) => hear(message.data);
		return port.postMessage.bind(port);
	}
	function alone() {
		var others = new BroadcastChannel("iwebmsg");
		var line = stream((event) => {
			others.postMessage(event);
			hear(event);
		});

		others.onmessage = (message) => hear(message.data);
		return (page) => {
			if (page.seen && !page.bye)
				line.at(page.url);
			else
				line.close();
		};
	}

	/* ---- the page ---- */
	var script, here, title, tell, live, over, busy, dirty, soon;

	function all(selector, root) {
		return [...(root || document).querySelectorAll(selector)];
	}
	/* A conversation goes by its oldest message. */
	function uid(row) {
		return row.dataset.key ? "t" + row.dataset.key :
		    row.querySelector("input[name=uid]").value;
	}
	function newest(row) {
		return Number(row.dataset.newest || uid(row));
	}
	function inside(element) {
		return element.contains(document.activeElement);
	}

	/* A cell that has the focus keeps its link. */
	function update(row, fresh) {
		var cells = [...fresh.children];
		var box = row.querySelector("input[name=uid]");

		row.className = fresh.className;
		/* Who ticked it meant the messages that it had. */
		if (!box.checked)
			box.value = fresh.querySelector("input").value;
		if (fresh.dataset.newest)
			row.dataset.newest = fresh.dataset.newest;
		/* A conversation has another subject now. */
		row.querySelector("label .vh").textContent =
		    fresh.querySelector("label .vh").textContent;
		[...row.children].forEach((cell, at) => {
			var link = cell.querySelector("a");
			var other = cells[at];

			if (at === 0 || !other)
				return;
			if (link)
				link.href = other.querySelector("a").getAttribute("href");
			if (!inside(cell) && cell.innerHTML !== other.innerHTML)
				row.replaceChild(document.adoptNode(other), cell);
		});
	}

	/* Ticked, and only pushed off the end of a full page? */
	function stays(row, wanted, full) {
		var next = row.nextElementSibling;

		if (!full || !row.querySelector("input[name=uid]").checked)
			return false;
		while (next && !wanted[uid(next)])
			next = next.nextElementSibling;
		return !next;
	}
	function drop(row) {
		var next = row.nextElementSibling || row.previousElementSibling;

		if (inside(row))
			next?.querySelector("a")?.focus({preventScroll: true});
		row.remove();
	}

	/* Returns the rows that came. */
	function rows(body, fresh, full) {
		var came = [];
		var old = {};
		var wanted = {};
		var most = 0;
		var list = [...fresh.children];
		var focus = document.activeElement;
		var at;

		list.forEach((row) => {
			wanted[uid(row)] = row;
		});
		[...body.children].forEach((row) => {
			most = Math.max(most, newest(row));
			old[uid(row)] = row;
		});
		Object.keys(old).forEach((key) => {
			if (!wanted[key] && !stays(old[key], wanted, full))
				drop(old[key]);
		});
		at = body.firstElementChild;
		list.forEach((row) => {
			var mine = old[uid(row)];

			if (mine)
				update(mine, row);
			else
				mine = document.adoptNode(row);
			if (newest(mine) > most &&
			    mine.classList.contains("unread"))
				came.push(mine);
			if (mine === at)
				at = at.nextElementSibling;
			else
				body.insertBefore(mine, at);
		});
		if (focus !== document.activeElement && body.contains(focus))
			focus.focus({preventScroll: true});
		return came;
	}

	/* What is not rows of one table: replaced as a whole. */
	function region(from) {
		var parts = "#main > .empty, #main > form.rows, #main > nav.pager";
		var mine = all(parts);
		var theirs = all(parts, from);

		theirs.forEach((each) => {
			mine[0].parentNode.insertBefore(
			    document.adoptNode(each), mine[0]);
		});
		mine.forEach((each) => {
			each.remove();
		});
	}
	function same(selector, from) {
		var theirs = all(selector, from);

		all(selector).forEach((mine, at) => {
			var other = theirs[at];

			if (other && !inside(mine) && mine.innerHTML !== other.innerHTML)
				mine.replaceWith(document.adoptNode(other));
		});
	}
	function validity(from) {
		return from.querySelector("form.rows input[name=uidvalidity]")?.value;
	}
	/* Above the window's top it counts as 0. */
	function place(row) {
		return Math.max(row.getBoundingClientRect().top, 0);
	}
	function swap(from) {
		var head = from.querySelector(".page-head[data-total]");
		var body = document.querySelector("table.list tbody");
		var fresh = from.querySelector("table.list tbody");
		var anchor, top;
		var came = [];

		same("#folders ul", from);
		if (!here.head || !head)
			return came;
		here.head.dataset.total = head.dataset.total;
		if (body && fresh && validity(document) === validity(from)) {
			/* The browser's own way holds another row, or none. */
			document.documentElement.style.overflowAnchor = "none";
			if (window.scrollY > 0)
				anchor = all("tr", body).filter(place)[0];
			top = anchor && place(anchor);
			came = rows(body, fresh,
			    from.querySelector("nav.pager a[rel=next]"));
			if (anchor?.isConnected)
				window.scrollBy(0, place(anchor) - top);
			same("nav.pager", from);
			/* Who ticked it meant as many as it says. */
			if (!document.querySelector(".all-match input:checked"))
				same(".all-match", from);
			same("table.list caption", from);
		} else if (body || fresh) {
			region(from);
			came = all("table.list tbody tr.unread");
		}
		same(".found", from);
		document.dispatchEvent(new Event("iwm:rows"));
		return came;
	}

	function unread(from) {
		return parseInt(from.querySelector(
		    "#folders a[aria-current] .count")?.textContent ?? 0, 10);
	}
	function entitle(count) {
		/* Beside its list a message has the title (panes.js). */
		if (here.head && !document.querySelector(".pane.message"))
			document.title = (count > 0 ? "(" + count + ") " : "") + title;
	}
	function newly(came) {
		return came.length === 0 ? "" :
		    iwm("newMails", {count: came.length});
	}
	function call(came) {
		var how = script.dataset.notify;
		var words = came.length > 1 ? newly(came) : iwm("newMail");
		var body = "";
		var note;

		if (!how || !window.Notification ||
		    Notification.permission !== "granted")
			return;
		if (how === "full" && came.length === 1) {
			body = came[0].querySelector(".c-subject a").textContent;
			words = came[0].querySelector(".c-from").textContent;
		}
		note = new Notification(words, {body: body, tag: "iwebmsg"});
		note.onclick = () => {
			window.focus();
			note.close();
		};
	}
	function ended() {
		var note = document.createElement("p");
		var link = document.createElement("a");

		if (over)
			return;
		over = true;
		tell({bye: true});
		note.className = "note note-bad";
		note.setAttribute("role", "alert");
		link.href = location.href;
		link.textContent = iwm("logIn");
		note.append(iwm("ended"), " ", link);
		document.getElementById("main").prepend(note);
	}

	function take(text, calls) {
		var from = new DOMParser().parseFromString(text, "text/html");
		var came;

		if (!from.getElementById("folders")) {
			ended();
			return;
		}
		entitle(unread(from));
		came = swap(from);
		live.textContent = newly(came);
		if (calls)
			call(came);
	}
	/* At once, and then a second later at the earliest. */
	function refresh(calls) {
		soon = over || busy;
		if (soon)
			return;
		busy = true;
		dirty = false;
		fetch(here.again).then((answer) => {
			dirty = !answer.ok;
			return answer.ok && answer.text();
		}).then((text) => {
			if (text)
				take(text, calls);
		}).catch(() => {
			dirty = true;
		}).then(() => {
			setTimeout(() => {
				busy = false;
				if (soon)
					refresh(false);
			}, 1000);
		});
	}
	function hear(event) {
		var ours = event.folder === here.folder;
		var news = event.kind !== "state";

		if (event.kind === "end")
			ended();
		/* Other folders have no name. */
		if (over || (!ours && event.folder && event.folder !== "INBOX"))
			return;
		if (ours && here.head && !here.search && event.kind === "state")
			news = event.exists !== Number(here.head.dataset.total) ||
			    (event.unseen !== undefined && event.unseen !== unread(document));
		if (ours && event.unseen !== undefined)
			entitle(event.unseen);
		if (!news)
			return;
		if (!document.hidden || (event.calls && event.kind === "new"))
			refresh(event.calls && event.kind === "new");
		else
			dirty = true;
	}
	function show() {
		if (over)
			return;
		tell({url: here.push, folder: here.folder, seen: !document.hidden,
		    calls: !!script.dataset.notify});
		if (!document.hidden && dirty)
			refresh(false);
	}
	/* Nothing comes while the line is gone, which is said. */
	function connection() {
		var note = document.querySelector(".note.offline");

		if (navigator.onLine) {
			note?.remove();
			if (note)
				refresh(false);
			return;
		}
		if (note || over)
			return;
		note = document.createElement("p");
		note.className = "note offline";
		note.setAttribute("role", "status");
		note.textContent = iwm("offline");
		document.getElementById("main").prepend(note);
	}
	function what() {
		var head = document.querySelector(".page-head[data-total]");
		var link = document.querySelector("#folders a[aria-current]") ||
		    document.querySelector("#folders ul a");
		var url = new URL(head ? location.href : link.href, location.href);

		["note", "n", "undo"].forEach((name) => {
			url.searchParams.delete(name);
		});
		url.searchParams.set("auto", "1");
		url.hash = "";
		here = {head: head, again: url.href};
		here.folder = head ? head.dataset.folder : "INBOX";
		here.search = !!document.querySelector("#main .found");
		here.push = new URL(script.dataset.push + "?folder=" +
		    encodeURIComponent(here.folder), location.href).href;
	}
	function begin() {
		script = document.querySelector("script[data-push]");
		title = document.title;
		what();
		live = document.createElement("div");
		live.className = "vh";
		live.setAttribute("role", "status");
		document.body.appendChild(live);
		entitle(unread(document));
		tell = window.SharedWorker ? shared() : alone();
		document.addEventListener("visibilitychange", show);
		window.addEventListener("pagehide", () => {
			tell({bye: true});
		});
		window.addEventListener("pageshow", show);
		window.addEventListener("offline", connection);
		window.addEventListener("online", connection);
		connection();
		show();
	}

	if (typeof SharedWorkerGlobalScope !== "undefined")
		work();
	else
		begin();
})();
