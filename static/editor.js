/*
 * Formatted text, where somebody asks for it: Squire in place of the text
 * field. What it makes goes into the field "html", which the server cleans;
 * the plain text beside it is the server's work, too.
 */
const form = document.getElementById("compose");
const holder = document.getElementById("editor");
/* Addresses of files that the message carries end so (RFC 2392). */
const CID = "@iwebmsg";

if (form && holder && holder.dataset.squire) {
	const plain = form.elements.body;
	const field = form.elements.html;
	const rich = form.elements.rich;
	const begin = document.getElementById("editor-begin");
	const end = document.getElementById("editor-end");
	const fileUrl = holder.dataset.file;
	let squire = null;

	const load = (url) => new Promise((done, failed) => {
		const script = document.createElement("script");

		script.src = url;
		script.addEventListener("load", done);
		script.addEventListener("error", () => failed(new Error(url)));
		document.head.append(script);
	});

	/* ---- from text, and pictures to and fro ---- */
	const escape = (words) => {
		const node = document.createElement("p");

		node.textContent = words;
		return node.innerHTML;
	};

	const fromText = (words) => {
		const out = [];
		let depth = 0;

		for (const line of words.replace(/\r/g, "").split("\n")) {
			const [, marks, rest] = /^((?:> ?)*)(.*)$/s.exec(line);
			const now = marks.replace(/ /g, "").length;

			for (; depth < now; depth++)
				out.push("<blockquote>");
			for (; depth > now; depth--)
				out.push("</blockquote>");
			out.push("<div>" + (escape(rest) || "<br>") + "</div>");
		}
		return out.join("") + "</blockquote>".repeat(depth);
	};

	/* ---- the signature, a block of its own (class m-signature) ---- */
	const signed = (of) => {
		const html = of.signatureHtml || escape(of.signature.trim()).replace(/\n/g, "<br>");

		return html.trim() ? "-- <br>" + html : "";
	};
	const chosen = () => {
		const select = form.elements.identity;

		return select && select.selectedOptions ? select.selectedOptions[0].dataset : holder.dataset;
	};
	const fromSigned = (words) => {
		const text = words.replace(/\r/g, "");
		const of = chosen();
		const block = "\n-- \n" + of.signature.replace(/\r/g, "").trimEnd();
		const at = of.signature.trim() ? text.indexOf(block) : -1;

		if (at < 0)
			return fromText(text);
		return fromText(text.slice(0, at)) + "<div class=\"m-signature\">" + signed(of) + "</div>" +
		    fromText(text.slice(at + block.length));
	};
	const clean = (html) => document.importNode(window.DOMPurify.sanitize(html, {
		ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|cid:|\/)/i,
		FORBID_TAGS: ["style", "form", "input", "button", "textarea", "select", "svg", "math"],
		FORBID_ATTR: ["id", "name"],
		RETURN_DOM_FRAGMENT: true,
	}), true);
	const resign = () => {
		const old = box.querySelector(".m-signature");
		const html = signed(chosen());

		if (!squire)
			return;
		if (old)
			old.replaceChildren(clean(html));
		else if (html)
			squire.setHTML(squire.getHTML() + "<div class=\"m-signature\">" + html + "</div>");
		sync();
	};

	const parsed = (html, change) => {
		const page = new DOMParser().parseFromString(html, "text/html");

		for (const image of page.querySelectorAll("img"))
			change(image);
		return page.body.innerHTML;
	};

	/* Pictures of the original message, until they are files of this one. */
	const kept = new Map();

	for (const box of document.querySelectorAll("input[name=keep][data-file]"))
		kept.set(box.dataset.file, new URL(box.dataset.url, document.baseURI).href);
	/* cid:FILE@iwebmsg in the message is an address of ours on the screen. */
	const toScreen = (html) => parsed(html, (image) => {
		const source = image.getAttribute("src") || "";

		if (source.startsWith("cid:") && source.endsWith(CID)) {
			const file = source.slice(4, -CID.length);

			image.setAttribute("src", kept.get(file) ||
			    fileUrl + "&file=" + encodeURIComponent(file));
		}
	});
	/* What a stranger wrote may look like an address and be none. */
	const addressOf = (words) => {
		try {
			return new URL(words || "", document.baseURI);
		} catch {
			return null;
		}
	};
	const toMessage = (html) => parsed(html, (image) => {
		const url = addressOf(image.getAttribute("src"));
		const own = new URL(fileUrl, document.baseURI);

		if (url && url.origin === own.origin && url.pathname === own.pathname)
			image.setAttribute("src", "cid:" + url.searchParams.get("file") + CID);
		for (const [file, address] of kept)
			if (url && url.href === address)
				image.setAttribute("src", "cid:" + file + CID);
	});

	/* ---- the bar ---- */
	const path = (tag) => (squire ? squire.hasFormat(tag) : false);
	const tools = [
		["bold", () => (path("B") ? squire.removeBold() : squire.bold()), "B"],
		["italic", () => (path("I") ? squire.removeItalic() : squire.italic()), "I"],
		["underline", () => (path("U") ? squire.removeUnderline() : squire.underline()), "U"],
		["strike", () => (path("S") ? squire.removeStrikethrough() : squire.strikethrough()), "S"],
		["bullets", () => (path("UL") ? squire.removeList() : squire.makeUnorderedList()), "UL"],
		["numbers", () => (path("OL") ? squire.removeList() : squire.makeOrderedList()), "OL"],
		["quote", () => (path("BLOCKQUOTE") ? squire.decreaseQuoteLevel() : squire.increaseQuoteLevel()), "BLOCKQUOTE"],
		["link", () => askLink(), "A"],
		["picture", () => picture.click(), ""],
		["clear", () => squire.removeAllFormatting(), ""],
	];
	/* Before the words, where words alone would be long. */
	const SIGNS = {bullets: "• ", numbers: "1. ", quote: "“ "};
	const KEYS = {bold: "B", italic: "I", underline: "U"};
	const bar = document.createElement("div");
	const buttons = [];
	const sizes = document.createElement("select");
	const picture = document.createElement("input");
	const line = document.createElement("p");
	const address = document.createElement("input");
	const box = document.createElement("div");

	const makeBar = () => {
		bar.className = "editor-bar";
		bar.setAttribute("role", "toolbar");
		bar.setAttribute("aria-label", iwm("formatting"));
		for (const [name, run, tag] of tools) {
			const button = document.createElement("button");

			button.type = "button";
			button.className = "small tool-" + name;
			button.textContent = (SIGNS[name] ?? "") + (iwm(name + "Sign") || iwm(name));
			button.setAttribute("aria-label", iwm(name));
			button.title = KEYS[name]
			    ? iwm("withKey", {what: iwm(name), key: KEYS[name]}) : iwm(name);
			if (tag)
				button.setAttribute("aria-pressed", "false");
			button.dataset.tag = tag;
			button.tabIndex = buttons.length === 0 ? 0 : -1;
			button.addEventListener("click", () => {
				run();
				if (name !== "link" && name !== "picture")
					squire.focus();
				show();
			});
			/* The selection in the text stays while the bar is used. */
			button.addEventListener("mousedown", (event) => event.preventDefault());
			buttons.push(button);
			bar.append(button);
		}
		sizes.setAttribute("aria-label", iwm("sizes"));
		for (const [words, size] of [["size", ""], ["small", "13px"], ["normal", "16px"], ["large", "22px"], ["huge", "32px"]])
			sizes.add(new Option(iwm(words), size));
		sizes.tabIndex = -1;
		sizes.addEventListener("change", () => {
			if (sizes.value)
				squire.setFontSize(sizes.value);
			sizes.value = "";
			squire.focus();
		});
		buttons.push(sizes);
		bar.insertBefore(sizes, buttons[4]);
		/* One stop of the tab key; arrows go on (WAI-ARIA, toolbar). */
		bar.addEventListener("keydown", (event) => {
			const all = [...bar.querySelectorAll("button, select")];
			const at = all.indexOf(document.activeElement);
			const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;

			if (step === 0 || at < 0)
				return;
			event.preventDefault();
			all[at].tabIndex = -1;
			all[(at + step + all.length) % all.length].tabIndex = 0;
			all[(at + step + all.length) % all.length].focus();
		});
	};

	/*
	 * The page's policy lets no style attribute work, pasted or Squire's own;
	 * set by a script it is another matter (CSP 3, 4.2.3).
	 */
	const restyle = () => {
		for (const each of box.querySelectorAll("[style]"))
			if (each.style.length === 0)
				each.style.cssText = each.getAttribute("style");
	};

	const show = () => {
		for (const button of buttons)
			if (button.dataset && button.dataset.tag)
				button.setAttribute("aria-pressed", String(path(button.dataset.tag)));
	};

	/* ---- links ---- */
	const askLink = () => {
		const selected = squire.getSelection();
		const found = selected.startContainer.parentElement
		    ? selected.startContainer.parentElement.closest("a") : null;

		address.value = found && box.contains(found) ? found.getAttribute("href") : "";
		line.hidden = false;
		address.focus();
	};
	const makeLine = () => {
		const label = document.createElement("label");
		const set = document.createElement("button");
		const off = document.createElement("button");
		const done = () => {
			line.hidden = true;
			squire.focus();
			show();
		};
		const apply = () => {
			let url = address.value.trim();

			if (url === "") {
				squire.removeLink();
				done();
				return;
			}
			if (/^[^\s@/]+@[^\s@/]+$/.test(url))
				url = "mailto:" + url;
			else if (!/^(https?|mailto):/i.test(url))
				url = "https://" + url;
			squire.makeLink(url);
			done();
		};

		line.className = "editor-link";
		line.hidden = true;
		label.textContent = iwm("address") + " ";
		address.type = "text";
		address.inputMode = "url";
		address.autocomplete = "off";
		address.placeholder = "https://";
		address.addEventListener("keydown", (event) => {
			if (event.key === "Escape")
				done();
			if (event.key !== "Enter")
				return;
			event.preventDefault();
			event.stopPropagation();
			apply();
		});
		label.append(address);
		set.type = off.type = "button";
		set.className = off.className = "small";
		set.textContent = iwm("set");
		off.textContent = iwm("noLink");
		set.addEventListener("click", apply);
		off.addEventListener("click", () => {
			squire.removeLink();
			done();
		});
		line.append(label, set, off);
	};

	/* ---- pictures: files of the message, shown where they stand ---- */
	const insert = (file) => form.dispatchEvent(new CustomEvent("attach-picture", {
		detail: {
			file,
			done: (id) => squire.insertImage(fileUrl + "&file=" + encodeURIComponent(id), {alt: file.name}),
		},
	}));
	const pictures = (files) => [...files].filter((file) => /^image\/(png|jpeg|gif|webp)$/.test(file.type));
	const makePicture = () => {
		picture.type = "file";
		picture.accept = "image/png,image/jpeg,image/gif,image/webp";
		picture.multiple = true;
		picture.hidden = true;
		picture.setAttribute("aria-label", iwm("picture"));
		picture.addEventListener("change", () => {
			pictures(picture.files).forEach(insert);
			picture.value = "";
		});
		for (const kind of ["paste", "drop"])
			box.addEventListener(kind, (event) => {
				const data = event.clipboardData || event.dataTransfer;
				const found = data ? pictures(data.files) : [];

				if (found.length === 0 || data.types.includes("text/html"))
					return;
				event.preventDefault();
				event.stopImmediatePropagation();
				found.forEach(insert);
			}, true);
	};

	/* ---- on and off ---- */
	const sync = () => {
		restyle();
		field.value = toMessage(squire.getHTML());
		rich.value = "1";
	};
	const start = async () => {
		begin.hidden = true;
		try {
			if (!window.Squire) {
				await load(holder.dataset.purify);
				await load(holder.dataset.squire);
			}
		} catch {
			begin.hidden = false;
			begin.textContent = iwm("noEditor");
			return;
		}
		makeBar();
		makeLine();
		makePicture();
		box.className = "editor-text";
		box.setAttribute("role", "textbox");
		box.setAttribute("aria-multiline", "true");
		box.setAttribute("aria-label", iwm("text"));
		box.dir = "auto";
		holder.prepend(bar, line, box, picture);
		squire = new window.Squire(box, {
			blockTag: "DIV",
			sanitizeToDOMFragment: clean,
		});
		squire.setHTML(toScreen(field.value || holder.dataset.offer || fromSigned(plain.value)));
		plain.closest("p").hidden = true;
		holder.hidden = false;
		end.hidden = false;
		squire.addEventListener("input", () => {
			sync();
			form.dispatchEvent(new Event("input", {bubbles: true}));
		});
		squire.addEventListener("pathChange", show);
		squire.addEventListener("select", show);
		sync();
		if (plain.hasAttribute("autofocus")) {
			squire.moveCursorToStart();
			squire.focus();
		}
		holder.dispatchEvent(new CustomEvent("ready", {bubbles: true}));
	};

	if (form.elements.identity)
		form.elements.identity.addEventListener("change", resign);
	begin.hidden = false;
	begin.addEventListener("click", () => {
		plain.setAttribute("autofocus", "");
		start();
	});
	if (field.value || holder.dataset.offer || holder.dataset.start)
		start();
}
