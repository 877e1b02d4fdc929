/*
 * Rows of a list pushed aside by a finger: archived or deleted, as "How pages
 * look" of the settings says (classes of <html>). It presses the button of the
 * list, so that Undo and all else are as by that. Scrolling goes first: CSS
 * leaves only what is level to this file, and what begins steep is not taken.
 */
(() => {
	"use strict";

	const TICK = "input[name=uid], input[name=pick]";
	const BEGIN_PX = 14;
	const find = (selector, root = document) => root.querySelector(selector);
	const isStill = matchMedia("(prefers-reduced-motion: reduce)");
	const below = document.createElement("div");
	/* The row under the finger, where it was put down, what will be done. */
	let row = null;
	let from = null;
	let isMoving = false;
	let button = null;

	const verb = (isRight) => {
		const classes = document.documentElement.classList;
		const side = isRight ? "right" : "left";
		const usual = isRight ? "archive" : "delete";

		return classes.contains(side + "-none") ? null
		    : ["archive", "delete"].find((each) => classes.contains(`${side}-${each}`)) ?? usual;
	};
	const buttonOf = (word) => word && [...find("form.rows")?.elements ?? []]
	    .find((each) => each.name === "do" && each.value === word);
	/* Far enough that it was meant. */
	const isFar = (by) => Math.abs(by) > Math.min(140, row.offsetWidth * .35);

	const show = (by) => {
		const box = row.getBoundingClientRect();
		const now = buttonOf(verb(by > 0));

		if (now !== button || !below.isConnected) {
			button = now;
			below.replaceChildren(...button ? [find(".icon", button).cloneNode(true)] : []);
			below.className = "swiped " + (by > 0 ? "to-right " : "to-left ") + (button?.value ?? "");
			below.style.top = box.top + scrollY + "px";
			below.style.height = box.height + "px";
			below.style.left = box.left - (Number(row.dataset.by) || 0) + scrollX + "px";
			below.style.width = box.width + "px";
			document.body.append(below);
		}
		const to = button ? by : by / 6;

		row.dataset.by = to;
		row.style.transform = `translateX(${to}px)`;
		below.classList.toggle("far", !!button && isFar(by));
	};
	const end = (isBack) => {
		const moved = row;

		row = null;
		if (!isMoving)
			return;
		isMoving = false;
		delete moved.dataset.by;
		if (!isBack)
			return;
		moved.classList.remove("swiping");
		below.remove();
		if (!isStill.matches)
			moved.animate([{transform: moved.style.transform}, {transform: "none"}], {duration: 150, easing: "ease-out"});
		moved.style.transform = "";
	};

	document.addEventListener("pointerdown", (event) => {
		const on = event.pointerType === "touch" && event.isPrimary &&
		    event.target.closest(".list tbody tr");

		/* While some are ticked, a finger chooses. */
		if (!on || !find(TICK, on) || event.target.closest(".c-tick, .thread") ||
		    find(`.list :is(${TICK}):checked`))
			return;
		row = on;
		from = event;
		isMoving = false;
	});
	document.addEventListener("pointermove", (event) => {
		if (!row || event.pointerId !== from.pointerId)
			return;
		const by = event.clientX - from.clientX;

		if (!isMoving) {
			const down = Math.abs(event.clientY - from.clientY);

			if (down > BEGIN_PX && down > Math.abs(by) / 2)
				row = null;
			else if (Math.abs(by) > BEGIN_PX) {
				isMoving = true;
				row.setPointerCapture(event.pointerId);
				row.classList.add("swiping");
			}
		}
		if (isMoving)
			show(by);
	});
	document.addEventListener("pointerup", (event) => {
		if (!row)
			return;
		const by = event.clientX - from.clientX;
		const does = isMoving && button && isFar(by) && button;

		if (does)
			find(TICK, row).checked = true;
		end(!does);
		does?.click?.();
	});
	/*
	 * What is moved here is no scrolling: else the browser would believe that
	 * the page still glides, and the next tap, on Undo, would only stop that.
	 */
	document.addEventListener("touchmove", (event) => {
		if (isMoving && event.cancelable)
			event.preventDefault();
	}, {passive: false});
	document.addEventListener("pointercancel", () => row && end(true));
	/* Back to this page by the browser: as if nobody had touched it. */
	addEventListener("pageshow", () => {
		below.remove();
		document.querySelectorAll(".swiping").forEach((each) => {
			each.classList.remove("swiping");
			each.style.transform = "";
			find(TICK, each).checked = false;
		});
	});
})();
