#include "config/config_parse.h"

#include "base/limits.h"
#include "config/config_value.h"

const struct config_key *
config_find_switch(struct str name)
{
	if (str_eq_nocase(name, STR("EnableSSL")) ||
	    str_eq_nocase(name, STR("ForceSSL")))
		return config_table_find(STR("SSL"), name);
	return NULL;
}

static void
say_unknown_section(
    struct config_draft *draft, const struct config_section *section)
{
	const char *near = config_table_near_section(section->name);
	struct str shown = str_slice(section->name, 0, 60);

	if (draft->is_old)
		return; /* its keys are listed one by one */
	if (near != NULL)
		config_report_error(draft->report, section->number,
		    "unknown section [%.*s]; did you mean [%s]?",
		    STR_ARG(shown), near);
	else
		config_report_error(draft->report, section->number,
		    "unknown section [%.*s]; allowed: Server, SSL, Mail, "
		    "Session, Log, Metrics, Host NAME, Domain NAME",
		    STR_ARG(shown));
}

static void
read_sections(struct config_draft *draft)
{
	const struct config_lines *lines = &draft->lines;
	struct str name;

	config_sites_find(draft);
	for (size_t i = 0; i < lines->section_count; i++) {
		const struct config_section *section = &lines->sections[i];

		if (config_kind_of_section(section->name, &name) ==
		        CONFIG_FOR_ALL &&
		    config_table_section(section->name) == NULL)
			say_unknown_section(draft, section);
	}
}

/* An unknown key, or one in the wrong section. */
static void
say_unknown_key(struct config_draft *draft, const struct config_line *line)
{
	const struct config_key *other =
	    config_table_find((struct str){0}, line->name);
	const struct config_key *near =
	    config_table_near(line->section, line->name);
	struct str name = str_slice(line->name, 0, 60);
	struct str section = str_slice(line->section, 0, 60);

	if (draft->is_old) {
		config_report_note(draft->report, line->number,
		    "%.*s of an old IWebMsg.ini is not used", STR_ARG(name));
		return;
	}
	if (other != NULL && str_is_empty(line->section))
		config_report_error(draft->report, line->number,
		    "%s stands before any section; it belongs in [%s]",
		    other->name, other->section);
	else if (other != NULL)
		config_report_error(draft->report, line->number,
		    "%s does not belong in [%.*s]; it belongs in [%s]",
		    other->name, STR_ARG(section), other->section);
	else if (near != NULL)
		config_report_error(draft->report, line->number,
		    "unknown key %.*s; did you mean %s in [%s]?", STR_ARG(name),
		    near->name, near->section);
	else
		config_report_error(draft->report, line->number,
		    "unknown key %.*s; allowed: the keys of iwebmsg.ini(5)",
		    STR_ARG(name));
}

static void
set_value(struct config_draft *draft, const struct config_key *key,
    const struct config_line *line, struct config_site *site,
    const struct config_origin *origin)
{
	uint32_t *said = &origin->lines[config_table_index(key)];
	CLEANUP(buf_free) struct buf why;

	buf_init(&why, 1024);
	if (*said != 0 && draft->is_old) {
		config_report_note(draft->report, line->number,
		    "%s is said in line %u already, which counts", key->name,
		    *said);
		return;
	}
	if (*said != 0) {
		config_report_error(draft->report, line->number,
		    "%s is said in line %u already; allowed: once", key->name,
		    *said);
		return;
	}
	*said = line->number;
	if (!config_value_read(key, line->value, draft->folder, draft->arena,
	        config_table_place(key, draft->cfg, site), &why))
		config_report_error(draft->report, line->number, "%.*s",
		    STR_ARG(buf_str(&why)));
}

static void
read_global(struct config_draft *draft, const struct config_line *line)
{
	const struct config_key *key = config_find_switch(line->name);

	if (key == NULL && !str_is_empty(line->section))
		key = config_table_find(line->section, line->name);
	if (key != NULL)
		set_value(draft, key, line, &draft->cfg->site, &draft->origin);
	else if (draft->is_old || str_is_empty(line->section) ||
	         config_table_section(line->section) != NULL)
		say_unknown_key(draft, line);
	/* The keys of an unknown section are not worth a word of their own. */
}

/* What is wrong with a key of ours in a section with a name, or NULL. */
static const char *
refuse_key(const struct config_key *key, enum config_kind kind)
{
	if (!key->is_site)
		return kind == CONFIG_FOR_HOST ? "is not for one host alone"
		                               : "is not for one domain alone";
	if (kind == CONFIG_FOR_DOMAIN && strcmp(key->section, "Mail") != 0)
		return "is not for one domain alone: a [Domain] section says "
		       "which mail servers its login names have";
	return NULL;
}

static void
read_named(struct config_draft *draft, const struct config_line *line,
    enum config_kind kind, struct str name)
{
	const struct config_key *key =
	    config_table_find((struct str){0}, line->name);
	const char *refusal = key == NULL ? NULL : refuse_key(key, kind);
	struct config_scope scope;

	if (config_find_switch(line->name) != NULL && draft->is_old)
		read_global(draft, line);
	else if (key == NULL)
		say_unknown_key(draft, line);
	else if (refusal != NULL)
		config_report_error(draft->report, line->number,
		    "%s %s; it belongs in [%s]", key->name, refusal,
		    key->section);
	else if (config_sites_scope(draft, kind, name, &scope))
		set_value(draft, key, line, scope.site, scope.origin);
}

/* Globals first: hosts begin as copies of what holds for all. */
static void
read_keys(struct config_draft *draft)
{
	const struct config_lines *lines = &draft->lines;
	struct str name;

	for (size_t i = 0; i < lines->count; i++)
		if (config_kind_of_section(lines->lines[i].section, &name) ==
		    CONFIG_FOR_ALL)
			read_global(draft, &lines->lines[i]);
	config_sites_begin(draft);
	for (size_t i = 0; i < lines->count; i++) {
		enum config_kind kind =
		    config_kind_of_section(lines->lines[i].section, &name);

		if (kind != CONFIG_FOR_ALL)
			read_named(draft, &lines->lines[i], kind, name);
	}
}

/* The folder of the ini file, without the slash ("" for the root). */
static struct str
folder_of(struct str path)
{
	size_t at = path.len;

	while (at > 0 && path.ptr[at - 1] != '/')
		at--;
	return str_slice(path, 0, at > 0 ? at - 1 : 0);
}

static void
read_draft(struct config_draft *draft, struct str path, struct str bytes)
{
	struct config *cfg = draft->cfg;
	const char *copy = str_dup_c(draft->arena, path);

	if (copy != NULL)
		cfg->path = str_of(copy, path.len);
	draft->folder = folder_of(path);
	config_lines_read(bytes, draft->scratch, draft->report, &draft->lines);
	draft->is_old = config_is_old(path, &draft->lines);
	draft->origin.lines = config_line_numbers(cfg);
	read_sections(draft);
	if (arena_failed(draft->scratch) || arena_failed(draft->arena))
		return;
	read_keys(draft);
	config_old_complete(draft);
	config_sites_settle(draft);
	config_fill_gaps(cfg, draft->arena);
	config_check_values(draft);
	config_check_combinations(draft);
}

enum err_code
config_parse(struct str path, struct str bytes, struct arena *arena,
    struct config_notes *out_notes, const struct config **out, struct err *err)
{
	struct config_report report = {.arena = arena, .path = path};
	struct config_draft draft = {.scratch = arena, .report = &report};

	*out = NULL;
	*out_notes = (struct config_notes){0};
	draft.cfg = config_new(&draft.arena);
	if (draft.cfg == NULL)
		return err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	if (bytes.len > LIMIT_INI_BYTES)
		config_report_error(&report, 0,
		    "the file is too large; allowed: %zu bytes",
		    LIMIT_INI_BYTES);
	else
		read_draft(&draft, path, bytes);
	*out_notes = config_report_end(&report);
	if (report.error_count == 0 && !arena_failed(arena) &&
	    !arena_failed(draft.arena)) {
		*out = draft.cfg;
		return ERR_OK;
	}
	config_unref(draft.cfg);
	if (report.error_count == 0)
		return err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	return err_sayf(err, ERR_CONFIG, "%.*s has %zu mistake%s",
	    STR_ARG(path), report.error_count,
	    report.error_count == 1 ? "" : "s");
}
