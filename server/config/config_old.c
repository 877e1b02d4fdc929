#include "config/config_parse.h"

/* The last part of a path. */
static struct str
base_name(struct str path)
{
	size_t at = path.len;

	while (at > 0 && path.ptr[at - 1] != '/')
		at--;
	return str_slice(path, at, path.len);
}

/*
 * IMail's file was written IWebMsg.ini and never knew our keys. So a file is
 * old when it sets none of them but the two switches, and either has the name
 * in other than lower case, or has a switch and none of our sections. One
 * key of ours in its section makes the file ours, with all its strictness.
 */
bool
config_is_old(struct str path, const struct config_lines *lines)
{
	struct str name = base_name(path);
	bool has_old_name = str_eq_nocase(name, STR("iwebmsg.ini")) &&
	                    !str_eq(name, STR("iwebmsg.ini"));
	bool has_switch = false;
	bool has_our_section = false;

	for (size_t i = 0; i < lines->count; i++) {
		const struct config_line *line = &lines->lines[i];

		if (config_find_switch(line->name) != NULL)
			has_switch = true;
		else if (!str_is_empty(line->section) &&
		         config_table_find(line->section, line->name) != NULL)
			return false;
	}
	for (size_t i = 0; i < lines->section_count; i++) {
		struct str section = lines->sections[i].name;
		struct str host;

		if (config_table_section(section) != NULL ||
		    config_kind_of_section(section, &host) != CONFIG_FOR_ALL)
			has_our_section = true;
	}
	return has_old_name || (has_switch && !has_our_section);
}

void
config_old_complete(struct config_draft *draft)
{
	struct config *cfg = draft->cfg;
	const struct config_key *key =
	    config_table_find(STR("SSL"), STR("EnableSSL"));
	uint32_t line = draft->origin.lines[config_table_index(key)];

	if (!draft->is_old || !cfg->enable_ssl)
		return;
	/* Not server.key: that name in StateDir is the server's own secret. */
	cfg->site.certificate =
	    str_printf(draft->arena, "%.*s/tls.pem", STR_ARG(cfg->state_dir));
	cfg->site.private_key =
	    str_printf(draft->arena, "%.*s/tls.key", STR_ARG(cfg->state_dir));
	config_report_note(draft->report, line,
	    "an old IWebMsg.ini names no certificate: %.*s and %.*s are used; "
	    "iwebmsg-ssl selfsigned makes them",
	    STR_ARG(cfg->site.certificate), STR_ARG(cfg->site.private_key));
}
