#include "config/config_parse.h"

#include "base/limits.h"

/* Names are compared, never opened: 253 is the DNS's own limit. */
#define HOST_NAME_BYTES 253

static const struct {
	const char *word;
	enum config_kind kind;
} kinds[] = {{"Host", CONFIG_FOR_HOST}, {"Domain", CONFIG_FOR_DOMAIN}};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

enum config_kind
config_kind_of_section(struct str section, struct str *out_name)
{
	*out_name = (struct str){0};
	for (size_t i = 0; i < KIND_COUNT; i++) {
		struct str word = str_c(kinds[i].word);

		if (!str_starts_nocase(section, word))
			continue;
		/* "[Host]" without a name is a mistake of its own. */
		if (section.len == word.len)
			return kinds[i].kind;
		if (section.ptr[word.len] != ' ' &&
		    section.ptr[word.len] != '\t')
			continue;
		*out_name = str_trim(str_slice(section, word.len, section.len));
		return kinds[i].kind;
	}
	return CONFIG_FOR_ALL;
}

static bool
is_host_name(struct str name)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz"
	                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                          "0123456789-._";

	/* "[::1]" arrives as a whole only without its bracket: refuse. */
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] == '\0' || strchr(set, name.ptr[i]) == NULL)
			return false;
	return true;
}

static bool
is_name(enum config_kind kind, struct str name)
{
	if (name.len == 0 || name.len > HOST_NAME_BYTES)
		return false;
	return kind == CONFIG_FOR_HOST ? is_host_name(name)
	                               : config_is_domain(name);
}

static struct config_group *
group_of(struct config_draft *draft, enum config_kind kind)
{
	return kind == CONFIG_FOR_HOST ? &draft->hosts : &draft->domains;
}

static size_t
find_site(
    const struct config_group *group, enum config_kind kind, struct str name)
{
	for (size_t i = 0; i < group->count; i++) {
		struct str known = group->sites[i].host;

		if (kind == CONFIG_FOR_HOST ? str_eq_nocase(known, name)
		                            : config_domain_eq(known, name))
			return i;
	}
	return group->count;
}

static void
say_bad_name(struct config_draft *draft, const struct config_section *section,
    enum config_kind kind)
{
	struct str shown = str_slice(section->name, 0, 60);

	if (kind == CONFIG_FOR_HOST)
		config_report_error(draft->report, section->number,
		    "[%.*s] is no host name; allowed: [Host mail.example.org], "
		    "without port",
		    STR_ARG(shown));
	else
		config_report_error(draft->report, section->number,
		    "[%.*s] is no domain; allowed: [Domain example.org], the "
		    "part of login names after @",
		    STR_ARG(shown));
}

/* The second section of a host goes on with the first. */
static void
say_second(struct config_draft *draft, const struct config_section *section,
    enum config_kind kind, uint32_t first_line)
{
	if (kind == CONFIG_FOR_DOMAIN)
		config_report_error(draft->report, section->number,
		    "[%.*s] stands in line %u already; allowed: one section "
		    "for a domain, upper and lower case are the same",
		    STR_ARG(str_slice(section->name, 0, 60)), first_line);
}

static void
add_site(struct config_draft *draft, const struct config_section *section,
    enum config_kind kind, struct str name)
{
	struct config_group *group = group_of(draft, kind);
	size_t index = find_site(group, kind, name);

	if (!is_name(kind, name)) {
		say_bad_name(draft, section, kind);
		return;
	}
	if (index < group->count) {
		say_second(draft, section, kind, group->first_lines[index]);
		return;
	}
	if (index == LIMIT_HOSTS) {
		config_report_error(draft->report, section->number,
		    "too many [%s] sections; allowed: %u",
		    kind == CONFIG_FOR_HOST ? "Host" : "Domain", LIMIT_HOSTS);
		return;
	}
	group->sites[index].host = str_lower(draft->arena, name);
	group->first_lines[index] = section->number;
	group->origins[index].lines =
	    ARENA_ARRAY(draft->arena, config_table_count(), uint32_t);
	group->count++;
}

static void
make_group(struct config_draft *draft, struct config_group *group, size_t count)
{
	if (count > LIMIT_HOSTS)
		count = LIMIT_HOSTS;
	group->sites = ARENA_ARRAY(draft->arena, count, struct config_site);
	group->origins = ARENA_ARRAY(draft->arena, count, struct config_origin);
	group->first_lines = ARENA_ARRAY(draft->scratch, count, uint32_t);
}

void
config_sites_find(struct config_draft *draft)
{
	const struct config_lines *lines = &draft->lines;
	size_t counts[] = {0, 0, 0};
	struct str name;

	for (size_t i = 0; i < lines->section_count; i++)
		counts[config_kind_of_section(
		    lines->sections[i].name, &name)]++;
	make_group(draft, &draft->hosts, counts[CONFIG_FOR_HOST]);
	make_group(draft, &draft->domains, counts[CONFIG_FOR_DOMAIN]);
	if (arena_failed(draft->arena) || arena_failed(draft->scratch))
		return;
	for (size_t i = 0; i < lines->section_count; i++) {
		const struct config_section *section = &lines->sections[i];
		enum config_kind kind =
		    config_kind_of_section(section->name, &name);

		if (kind != CONFIG_FOR_ALL)
			add_site(draft, section, kind, name);
	}
	draft->cfg->hosts = draft->hosts.sites;
	draft->cfg->host_count = draft->hosts.count;
	draft->cfg->domains = draft->domains.sites;
	draft->cfg->domain_count = draft->domains.count;
	config_set_origins(
	    draft->cfg, draft->hosts.origins, draft->domains.origins);
}

static void
begin_group(struct config_group *group, const struct config_site *all)
{
	for (size_t i = 0; i < group->count; i++) {
		struct str host = group->sites[i].host;

		group->sites[i] = *all;
		group->sites[i].host = host;
	}
}

void
config_sites_begin(struct config_draft *draft)
{
	begin_group(&draft->hosts, &draft->cfg->site);
	begin_group(&draft->domains, &draft->cfg->site);
}

bool
config_sites_scope(struct config_draft *draft, enum config_kind kind,
    struct str name, struct config_scope *out)
{
	struct config_group *group = group_of(draft, kind);
	size_t index = find_site(group, kind, name);

	if (index == group->count)
		return false;
	*out = (struct config_scope){
	    kind, &group->sites[index], &group->origins[index]};
	return true;
}

bool
config_sites_scope_at(
    struct config_draft *draft, size_t index, struct config_scope *out)
{
	struct config_group *group = &draft->hosts;
	enum config_kind kind = CONFIG_FOR_HOST;

	if (index == 0) {
		*out = (struct config_scope){
		    CONFIG_FOR_ALL, &draft->cfg->site, &draft->origin};
		return true;
	}
	index--;
	if (index >= group->count) {
		index -= group->count;
		group = &draft->domains;
		kind = CONFIG_FOR_DOMAIN;
	}
	if (index >= group->count)
		return false;
	*out = (struct config_scope){
	    kind, &group->sites[index], &group->origins[index]};
	return true;
}

static bool
says(const struct config_scope *scope, const char *name)
{
	const struct config_key *key =
	    config_table_find((struct str){0}, str_c(name));

	ensure(key != NULL);
	return scope->origin->lines[config_table_index(key)] != 0;
}

/*
 * A host with a certificate of its own does not inherit what belongs to the
 * certificate for all: its OCSP response, and the second pair.
 */
static void
drop_pair_of_others(const struct config_scope *scope)
{
	struct config_site *site = scope->site;

	if (says(scope, "Certificate") && !says(scope, "OcspResponse"))
		site->ocsp_response = STR("");
	if (!says(scope, "Certificate") && !says(scope, "Certificate2"))
		return;
	if (!says(scope, "Certificate2")) {
		site->certificate2 = STR("");
		if (!says(scope, "PrivateKey2"))
			site->private_key2 = STR("");
	}
	if (!says(scope, "OcspResponse2"))
		site->ocsp_response2 = STR("");
}

void
config_sites_settle(struct config_draft *draft)
{
	struct config_scope scope;

	for (size_t i = 1; config_sites_scope_at(draft, i, &scope); i++)
		if (scope.kind == CONFIG_FOR_HOST)
			drop_pair_of_others(&scope);
}
