/*
 * Addresses completed while they are typed: a combobox with a list below it.
 * Without this file a datalist does the first of them.
 */
const form = document.getElementById("compose");
const WAIT_MS = 120;

/* Where the address around the caret begins: behind a comma out of quotes. */
const begin = (text) => {
	let from = 0;
	let quoted = false;

	for (let at = 0; at < text.length; at++) {
		if (text[at] === '"' && text[at - 1] !== "\\")
			quoted = !quoted;
		if ((text[at] === "," || text[at] === ";") && !quoted)
			from = at + 1;
	}
	while (text[from] === " ")
		from++;
	return from;
};

const combobox = (input) => {
	const list = document.createElement("ul");
	let chosen = -1;
	let timer = 0;
	let asked = null;

	list.id = input.id + "-people";
	list.className = "people-list";
	list.setAttribute("role", "listbox");
	list.setAttribute("aria-label", iwm("addresses"));
	list.hidden = true;
	input.after(list);
	input.removeAttribute("list");
	input.setAttribute("role", "combobox");
	input.setAttribute("aria-autocomplete", "list");
	input.setAttribute("aria-controls", list.id);
	input.setAttribute("aria-expanded", "false");

	const close = () => {
		clearTimeout(timer);
		if (asked)
			asked.abort();
		list.hidden = true;
		chosen = -1;
		input.setAttribute("aria-expanded", "false");
		input.removeAttribute("aria-activedescendant");
	};

	const choose = (at) => {
		chosen = at;
		[...list.children].forEach((item, number) => {
			item.setAttribute("aria-selected", String(number === at));
			if (number === at) {
				input.setAttribute("aria-activedescendant", item.id);
				item.scrollIntoView({block: "nearest"});
			}
		});
		if (at < 0)
			input.removeAttribute("aria-activedescendant");
	};

	const take = (item) => {
		const caret = input.selectionStart;
		const from = begin(input.value.slice(0, caret));
		const before = input.value.slice(0, from);
		const after = input.value.slice(caret).replace(/^[^,;]*[,;]?\s*/, "");

		input.value = before + item.dataset.text + ", " + after;
		input.selectionStart = input.selectionEnd = input.value.length - after.length;
		close();
		input.dispatchEvent(new Event("input", {bubbles: true}));
	};

	const show = (people) => {
		list.replaceChildren(...people.map((one, number) => {
			const item = document.createElement("li");
			const name = document.createElement("bdi");
			const quiet = document.createElement("span");

			item.id = list.id + "-" + number;
			item.setAttribute("role", "option");
			item.setAttribute("aria-selected", "false");
			item.dataset.text = one.text;
			name.textContent = one.name || one.address;
			quiet.className = "quiet";
			quiet.textContent = one.source === "group" ? iwm("people", {count: one.members}) : one.name ? one.address : "";
			item.append(name, " ", quiet);
			return item;
		}));
		chosen = -1;
		list.hidden = people.length === 0;
		input.setAttribute("aria-expanded", String(people.length > 0));
	};

	const ask = async () => {
		const typed = input.value.slice(0, input.selectionStart);
		const word = typed.slice(begin(typed));

		if (word.length === 0) {
			close();
			return;
		}
		if (asked)
			asked.abort();
		asked = new AbortController();
		try {
			const answer = await fetch(form.dataset.completeUrl + "?q=" + encodeURIComponent(word), {
				signal: asked.signal,
				credentials: "same-origin",
			});

			if (answer.ok && document.activeElement === input)
				show((await answer.json()).people);
		} catch {
			/* Typed on meanwhile, or away: nothing is completed. */
		}
	};

	input.addEventListener("input", (event) => {
		clearTimeout(timer);
		if (event.isTrusted)
			timer = setTimeout(ask, WAIT_MS);
	});
	input.addEventListener("blur", close);
	list.addEventListener("mousedown", (event) => {
		const item = event.target.closest("li");

		event.preventDefault();
		if (item)
			take(item);
	});
	input.addEventListener("keydown", (event) => {
		const last = list.children.length - 1;

		if (list.hidden || event.ctrlKey || event.metaKey)
			return;
		if (event.key === "ArrowDown")
			choose(chosen >= last ? 0 : chosen + 1);
		else if (event.key === "ArrowUp")
			choose(chosen <= 0 ? last : chosen - 1);
		else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0)
			take(list.children[chosen]);
		else if (event.key === "Enter" && !input.value.slice(begin(input.value.slice(0, input.selectionStart))).includes("@"))
			take(list.children[0]);
		else if (event.key === "Escape" || event.key === "Enter")
			close();
		else
			return;
		event.preventDefault();
		event.stopPropagation();
	});
};

if (form && form.dataset.completeUrl)
	for (const name of ["to", "cc", "bcc"])
		combobox(document.getElementById(name));
