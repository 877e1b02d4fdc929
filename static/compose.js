/*
 * Writing, made pleasant: saving by itself, files dropped or pasted with their
 * progress, Ctrl+Enter and Ctrl+S, addresses completed. Nothing here is
 * needed: the form does all of it with its buttons.
 */
const form = document.getElementById("compose");

if (form) {
	const state = document.getElementById("compose-state");
	const AUTOSAVE_MS = 4000;   /* after the last change */
	const AT_LATEST_MS = 9000;  /* after the first */
	const BEACON_BYTES = 60000; /* what a browser sends while leaving */
	/* As times stand in the page. */
	const time = new Intl.DateTimeFormat(document.documentElement.lang + "-u-nu-latn",
	    {hour: "2-digit", minute: "2-digit", hourCycle: "h23"});
	let changedAt = 0;          /* 0: nothing to save */
	let timer = 0;
	let stopped = false;
	let leaving = false;
	let uploads = 0;
	let inDrafts = true;

	const say = (words, bad) => {
		state.textContent = words;
		state.classList.toggle("bad", Boolean(bad));
	};

	/* ---- saving by itself ---- */
	const fields = (verb) => {
		const data = new FormData(form);

		data.delete("file");
		data.set("do", verb);
		return data;
	};

	const post = async (data) => {
		const answer = await fetch(form.action, {
			method: "POST",
			body: data,
			credentials: "same-origin",
			redirect: "manual",
		});

		if (!(answer.headers.get("Content-Type") || "").startsWith("application/json")) {
			stopped = true;
			throw new Error(iwm(answer.type === "opaqueredirect" ? "elsewhere" : "loggedOut"));
		}
		return {status: answer.status, ...(await answer.json())};
	};

	const schedule = () => {
		const now = Date.now();

		if (stopped)
			return;
		changedAt = changedAt || now;
		clearTimeout(timer);
		timer = setTimeout(save, Math.min(AUTOSAVE_MS, Math.max(0, changedAt + AT_LATEST_MS - now)));
	};

	let saving = Promise.resolve(true);
	const saveNow = async () => {
		if (stopped || changedAt === 0)
			return !stopped;
		const began = changedAt;

		changedAt = 0;
		try {
			const answer = await post(fields("autosave"));

			if (answer.status === 409) {
				stopped = true;
				changedAt = changedAt || began;
				say(answer.words, true);
				return false;
			}
			if (answer.status !== 200)
				throw new Error(answer.words);
			form.elements.version.value = answer.version;
			inDrafts = false;
			say(iwm("saved", {time: time.format(new Date())}));
			return true;
		} catch (error) {
			changedAt = changedAt || began;
			if (!stopped)
				schedule();
			say(error instanceof TypeError ? iwm("notSaved") : error.message, true);
			return false;
		}
	};
	const save = () => {
		clearTimeout(timer);
		saving = saving.then(saveNow);
		return saving;
	};

	form.addEventListener("input", (event) => {
		if (event.target.type !== "file")
			schedule();
	});
	form.addEventListener("change", (event) => {
		if (event.target.type !== "file")
			schedule();
	});
	form.addEventListener("submit", () => {
		leaving = true;
		clearTimeout(timer);
	});
	window.addEventListener("pageshow", () => {
		leaving = false;
	});

	/* On leaving: what is not saved yet, and a copy in Drafts. */
	const leave = () => {
		let data = fields("leave");

		if (leaving || stopped || (changedAt === 0 && inDrafts))
			return;
		if (changedAt === 0) {
			data = new FormData();
			for (const name of ["csrf", "id", "version", "owner"])
				data.set(name, form.elements[name].value);
			data.set("do", "leave");
		}
		changedAt = 0;
		inDrafts = true;
		navigator.sendBeacon(form.action, data);
	};
	window.addEventListener("pagehide", leave);
	window.addEventListener("beforeunload", (event) => {
		const isLarge = form.elements.body.value.length > BEACON_BYTES / 3;

		if (!leaving && (uploads > 0 || (changedAt > 0 && (isLarge || stopped))))
			event.preventDefault();
	});

	/* ---- keys ---- */
	form.addEventListener("keydown", (event) => {
		const verb = event.key === "Enter" ? "send" : event.key === "s" ? "save" : "";
		const button = verb && form.querySelector("button[value=" + verb + "]:not([hidden])");

		if (!button || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
			return;
		event.preventDefault();
		button.click();
	});

	/* ---- another sender brings its signature (page_identity_use.c) ---- */
	const sender = document.getElementById("identity");
	const block = (option) => {
		const words = option.dataset.signature.replace(/\r/g, "").trimEnd();

		return words.trim() ? "\n-- \n" + words : "";
	};
	const sign = () => {
		const was = [...sender.options].find((each) => each.value === form.elements.identity_was.value);
		const body = form.elements.body;

		/* In formatted text the editor does it. */
		if (!was || (form.elements.rich && form.elements.rich.value))
			return;
		const old = block(was);
		const now = block(sender.selectedOptions[0]);
		const at = old ? body.value.indexOf(old) : body.value.length;

		form.elements.identity_was.value = sender.value;
		if (old === now || at < 0)
			return;
		const caret = Math.min(body.selectionStart, at);

		body.value = body.value.slice(0, at) + now + body.value.slice(at + old.length);
		body.setSelectionRange(caret, caret);
	};
	if (sender && sender.options) {
		document.getElementById("identity-use").hidden = true;
		sender.addEventListener("change", sign);
	}

	/* ---- files ---- */
	const box = document.getElementById("files");
	const input = document.getElementById("file");
	const list = () => {
		let found = box.querySelector("ul.attached");

		if (!found) {
			found = document.createElement("ul");
			found.className = "attached";
			box.querySelector("legend").after(found);
		}
		return found;
	};
	const pictures = () => {
		let found = box.querySelector(".pictures");

		if (!found) {
			const words = document.createElement("p");

			found = document.createElement("div");
			found.className = "pictures";
			words.className = "hint";
			words.textContent = iwm("pictures");
			found.append(words, document.createElement("ul"));
			list().after(found);
		}
		return found;
	};
	const stored = () => [...box.querySelectorAll("li[data-id]")];
	/* What the formatted text shows is no attachment, as long as it does. */
	const sort = () => {
		const html = form.elements.html.value;
		let shown = 0;

		for (const item of stored()) {
			const inText = html.includes(item.dataset.id);
			const target = inText ? pictures().querySelector("ul") : list();

			shown += inText ? 1 : 0;
			if (item.parentNode !== target)
				target.append(item);
			item.querySelector("button").hidden = inText;
		}
		if (shown > 0 || box.querySelector(".pictures"))
			pictures().hidden = shown === 0;
	};

	const row = (name, size) => {
		const item = document.createElement("li");
		const label = document.createElement("bdi");
		const quiet = document.createElement("span");

		label.textContent = name;
		quiet.className = "quiet";
		quiet.textContent = size;
		item.append(label, quiet);
		list().append(item);
		return {item, quiet};
	};

	const button = (words, of) => {
		const made = document.createElement("button");
		const hidden = document.createElement("span");

		made.className = "small";
		hidden.className = "vh";
		hidden.textContent = " " + of;
		made.append(words, hidden);
		return made;
	};

	/* The stored files as the server has them; those on their way stay. */
	const show = (files) => {
		for (const old of stored())
			old.remove();
		for (const file of files) {
			const {item} = row(file.name, file.size);
			const remove = button(iwm("remove"), file.name);

			item.dataset.id = file.id;
			remove.type = "submit";
			remove.name = "remove";
			remove.value = file.id;
			remove.formNoValidate = true;
			item.append(remove);
		}
		for (const going of list().querySelectorAll("li.going"))
			list().append(going);
		sort();
	};

	/* As it travels: base64 lines of 78 for 57 bytes. */
	const encoded = (bytes) => Math.ceil(bytes / 57) * 78;
	const tooLarge = (file) => {
		const most = Number(form.dataset.maxFileBytes || 0);

		if (most > 0 && encoded(file.size) > most)
			return iwm("fileLarge", {size: form.dataset.maxFileSize});
		if (encoded(file.size) > Number(form.dataset.maxBytes))
			return iwm("allLarge", {size: form.dataset.maxSize});
		return "";
	};

	const send = (file, shown) => new Promise((done) => {
		const request = new XMLHttpRequest();
		const data = new FormData();
		const bar = document.createElement("progress");
		const cancel = button(iwm("cancel"), file.name);
		const fail = (words) => {
			bar.remove();
			cancel.remove();
			shown.item.classList.remove("going");
			shown.item.classList.add("refused");
			shown.quiet.textContent = words;
			done(null);
		};

		for (const name of ["csrf", "id", "version", "owner"])
			data.set(name, form.elements[name].value);
		data.set("do", "upload");
		data.set("upload", String(Math.random()).slice(2) + Date.now());
		data.set("file", file, file.name);
		bar.max = 1;
		bar.value = 0;
		bar.setAttribute("aria-label", iwm("upload", {name: file.name}));
		cancel.type = "button";
		cancel.addEventListener("click", () => request.abort());
		shown.item.append(bar, cancel);
		request.upload.addEventListener("progress", (event) => {
			if (event.lengthComputable)
				bar.value = event.loaded / event.total;
		});
		request.addEventListener("abort", () => {
			shown.item.remove();
			say(iwm("cancelled", {name: file.name}));
			done(null);
		});
		request.addEventListener("error", () => fail(iwm("fileAway")));
		request.addEventListener("load", () => {
			let answer = {words: iwm("fileFailed")};

			if ((request.getResponseHeader("Content-Type") || "").startsWith("application/json"))
				answer = JSON.parse(request.responseText);
			if (request.status !== 200) {
				fail(answer.words);
				return;
			}
			shown.item.remove();
			done(answer);
		});
		request.open("POST", form.action);
		request.send(data);
	});

	let queue = Promise.resolve();
	const ids = () => stored().map((each) => each.dataset.id);
	const add = (files, done) => {
		for (const file of files) {
			const why = tooLarge(file);
			const shown = row(file.name, why);

			shown.item.classList.add(why ? "refused" : "going");
			if (why)
				continue;
			uploads++;
			queue = queue.then(async () => {
				/* The composition is in the store before its files. */
				if (Number(form.elements.version.value) === 0)
					changedAt = changedAt || Date.now();
				if (await save()) {
					const before = ids();
					const answer = await send(file, shown);

					if (answer)
						show(answer.files);
					if (answer && done)
						done(ids().find((id) => !before.includes(id)));
					inDrafts = false;
				} else {
					shown.item.classList.replace("going", "refused");
					shown.quiet.textContent = iwm("fileRefused", {why: state.textContent});
				}
				uploads--;
				if (uploads === 0)
					await put();
			});
		}
	};

	/* A step: with its new files into Drafts. */
	const put = async () => {
		if (stopped)
			return;
		try {
			const answer = await post(fields("leave"));

			if (answer.status === 200) {
				form.elements.version.value = answer.version;
				inDrafts = answer.words === "";
				say(answer.words || iwm("attached"), answer.words !== "");
			}
		} catch (error) {
			say(error.message, true);
		}
	};

	input.addEventListener("change", () => {
		const files = [...input.files];

		input.value = "";
		add(files);
	});
	const attach = form.querySelector("button[value=attach]");

	attach.hidden = true;
	const hasFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");

	form.addEventListener("input", sort);
	/* A picture for the text (editor.js): a file like others, shown there. */
	form.addEventListener("attach-picture", (event) => add([event.detail.file], event.detail.done));
	form.addEventListener("dragover", (event) => {
		if (!hasFiles(event))
			return;
		event.preventDefault();
		box.classList.add("drop");
	});
	form.addEventListener("dragleave", (event) => {
		if (!form.contains(event.relatedTarget))
			box.classList.remove("drop");
	});
	form.addEventListener("drop", (event) => {
		if (!hasFiles(event))
			return;
		event.preventDefault();
		box.classList.remove("drop");
		add(event.dataTransfer.files);
	});
	form.addEventListener("paste", (event) => {
		const files = [...event.clipboardData.files];

		if (files.length === 0 || event.clipboardData.types.includes("text/plain"))
			return;
		event.preventDefault();
		add(files);
	});
	/* What was refused is missing: the first Send says so, the second goes. */
	let told = 0;

	form.addEventListener("submit", (event) => {
		const refused = box.querySelectorAll("li.refused").length;

		/* Logged out: the login page comes first, and sends nothing. */
		if (stopped || uploads > 0 || event.submitter?.value !== "send" || refused <= told)
			return;
		event.preventDefault();
		event.stopImmediatePropagation();
		told = refused;
		say(iwm("lacksFiles", {count: refused}), true);
	}, true);
	/* A button pressed while files are on their way waits for them. */
	form.addEventListener("submit", (event) => {
		if (uploads === 0)
			return;
		const pressed = event.submitter;

		event.preventDefault();
		leaving = false;
		say(iwm("filesGo"));
		queue.then(() => form.requestSubmit(pressed));
	}, true);
}
