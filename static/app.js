/* Nothing here is needed: every page works without it. */
(function () {
	"use strict";

	/* The list: one box that ticks all. Shift ticks from the last one. */
	function list() {
		var slot = document.querySelector(".all-slot");
		var boxes = Array.prototype.slice.call(
		    document.querySelectorAll(".list input[name=uid]"));
		var match = document.querySelector(".all-match input");
		var last = null;
		var label, all;

		if (!slot || boxes.length === 0)
			return;
		label = document.createElement("label");
		all = document.createElement("input");
		all.type = "checkbox";
		all.autocomplete = "off";
		label.appendChild(all);
		label.appendChild(document.createTextNode("All"));
		slot.appendChild(label);
		function show() {
			var ticked = boxes.filter(function (box) {
				return box.checked;
			}).length;

			all.checked = ticked === boxes.length;
			/* What is no longer ticked is no longer meant. */
			if (match && !all.checked)
				match.checked = false;
			all.indeterminate = ticked > 0 && ticked < boxes.length;
		}
		all.addEventListener("change", function () {
			boxes.forEach(function (box) {
				box.checked = all.checked;
			});
			show();
		});
		if (match)
			match.addEventListener("change", function () {
				if (match.checked && !all.checked)
					all.click();
			});
		boxes.forEach(function (box, at) {
			box.addEventListener("click", function (event) {
				if (event.shiftKey && last !== null) {
					boxes.slice(Math.min(at, last), Math.max(at, last))
					    .forEach(function (other) {
						other.checked = box.checked;
					});
				}
				last = at;
				show();
			});
		});
		window.addEventListener("pageshow", show);
		show();
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

	/* What was done is said once: not when the page is loaded again. */
	function note() {
		var url = new URL(location.href);

		if (!url.searchParams.has("note"))
			return;
		["note", "n", "undo"].forEach(function (name) {
			url.searchParams.delete(name);
		});
		history.replaceState(history.state, "", url);
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
		offer.hidden = false;
	}
	function differs(seconds, minutes) {
		var here = -new Date(seconds * 1000).getTimezoneOffset();

		return here !== minutes;
	}

	list();
	login();
	note();
	frames();
	folders();
	zone();
})();
