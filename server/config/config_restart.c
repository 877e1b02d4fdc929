#include "config/config_parse.h"

/*
 * What a running server cannot change: its ports, its identity, what its
 * parts were built with. A reload keeps the old values of these.
 */
static const char *const restart_names[] = {"ListenAddress", "PlainPort",
    "SecurePort", "User", "StateDir", "Database", "PidFile", "NetThreads",
    "Workers", "QueueLimit", "MaxConnections", "MaxConnectionsPerAddress",
    "HandshakeWait", "HeaderWait", "BodyWait", "AnswerWait", "KeepAliveWait",
    "JobWait", "MaxHeaderSize", "SpoolQuota", "EnableSSL", "BasePath", "FIPS",
    "MaxMessageSize", "Target", "File"};

#define RESTART_COUNT (sizeof(restart_names) / sizeof(restart_names[0]))

bool
config_table_needs_restart(const struct config_key *key)
{
	for (size_t i = 0; i < RESTART_COUNT; i++)
		if (strcmp(restart_names[i], key->name) == 0)
			return true;
	return false;
}

static size_t
size_of(enum config_type type)
{
	switch (type) {
	case CONFIG_IS_BOOL:
		return sizeof(bool);
	case CONFIG_IS_U32:
		return sizeof(uint32_t);
	case CONFIG_IS_PORT:
		return sizeof(uint16_t);
	case CONFIG_IS_DURATION:
		return sizeof(int64_t);
	case CONFIG_IS_BYTES:
		return sizeof(uint64_t);
	case CONFIG_IS_CHOICE:
		return sizeof(int);
	case CONFIG_IS_TEXT:
	case CONFIG_IS_PATH:
		break;
	}
	return sizeof(struct str);
}

static bool
is_text(const struct config_key *key)
{
	return key->type == CONFIG_IS_TEXT || key->type == CONFIG_IS_PATH;
}

/* Every one of these is a KEY, not a SITE: it stands in struct config. */
static const struct config_key *
restart_key(size_t index)
{
	const struct config_key *key =
	    config_table_find((struct str){0}, str_c(restart_names[index]));

	ensure(key != NULL && !key->is_site);
	return key;
}

/* a and b: two configs, or two sites for a key of sites. */
static bool
is_same(const struct config_key *key, const void *a, const void *b)
{
	const char *left = (const char *)a + key->offset;
	const char *right = (const char *)b + key->offset;

	if (is_text(key))
		return str_eq(*(const struct str *)(const void *)left,
		    *(const struct str *)(const void *)right);
	return memcmp(left, right, size_of(key->type)) == 0;
}

void
config_restart_needed(
    const struct config *before, const struct config *after, struct buf *out)
{
	bool is_first = true;

	for (size_t i = 0; i < RESTART_COUNT; i++) {
		const struct config_key *key = restart_key(i);

		if (is_same(key, before, after))
			continue;
		buf_addf(out, "%s%s", is_first ? "" : ", ", key->name);
		is_first = false;
	}
}

const struct config *
config_restart_keep(const struct config *running, const struct config *fresh)
{
	/* Nobody else holds `fresh` yet: it may still be written. */
	struct config *cfg = config_unshared(fresh);
	struct arena *arena = config_arena(fresh);

	for (size_t i = 0; i < RESTART_COUNT; i++) {
		const struct config_key *key = restart_key(i);
		const char *from = (const char *)running + key->offset;
		char *to = (char *)cfg + key->offset;
		struct str text;

		if (is_same(key, running, fresh))
			continue;
		if (!is_text(key)) {
			memcpy(to, from, size_of(key->type));
			continue;
		}
		memcpy(&text, from, sizeof(text));
		text.ptr = str_dup_c(arena, text);
		if (text.ptr == NULL)
			return NULL;
		memcpy(to, &text, sizeof(text));
	}
	/* EnableSSL stays off until a restart, so this must wait with it. */
	cfg->force_ssl = cfg->force_ssl && cfg->enable_ssl;
	return fresh;
}

/* A key of sites that is about the mail servers: is it about trust alone? */
static bool
is_mail_key(const struct config_key *key, bool *out_is_trust)
{
	static const char *const beginnings[] = {
	    "Imap", "Smtp", "MailTrust", "AllowPlaintext", "StaleCRL"};
	static const char *const ways[] = {
	    "Host", "Port", "Security", "Proxy", "Auth", "AllowPlaintext"};
	bool is_mail = false;

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (str_starts(str_c(key->name), str_c(beginnings[i])))
			is_mail = key->is_site;
	*out_is_trust = is_mail;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (str_ends(str_c(key->name), str_c(ways[i])))
			*out_is_trust = false;
	return is_mail;
}

bool
config_same_mail(const struct config_site *a, const struct config_site *b)
{
	for (size_t i = 0; i < config_table_count(); i++) {
		const struct config_key *key = config_table_row(i);
		bool is_trust = false;

		if (is_mail_key(key, &is_trust) && !is_same(key, a, b))
			return false;
	}
	return true;
}

bool
config_same_trust(const struct config_site *a, const struct config_site *b)
{
	for (size_t i = 0; i < config_table_count(); i++) {
		const struct config_key *key = config_table_row(i);
		bool is_trust = false;

		if (is_mail_key(key, &is_trust) && is_trust &&
		    !is_same(key, a, b))
			return false;
	}
	return true;
}
