#include "config/config_parse.h"

#include "base/num.h"
#include "os/socket_range.h"
#include "os/zone.h"

typedef bool check_fn(struct str value);

static bool
holds_only(struct str value, const char *set)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] == '\0' || strchr(set, value.ptr[i]) == NULL)
			return false;
	return true;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

static bool
is_said(struct str value)
{
	return !str_is_empty(value);
}

/* Whether such an address exists, the system says when we listen on it. */
static bool
is_listen_address(struct str value)
{
	return str_eq(value, STR("*")) ||
	       (is_said(value) && holds_only(value, DIGITS "abcdefABCDEF:.%"));
}

static bool
is_server_name(struct str value)
{
	size_t colon = str_find_byte(value, ':', 0);
	/* With one colon only, what follows is a port. */
	bool is_ipv6 = holds_only(value, DIGITS "abcdefABCDEF:.") &&
	               str_find_byte(value, ':', colon + 1) < value.len;

	return is_said(value) &&
	       (is_ipv6 || holds_only(value, LETTERS DIGITS "-._"));
}

/* origin = scheme "://" host [ ":" port ]; it goes into headers. */
static bool
is_origin(struct str value, struct str scheme)
{
	struct str rest = str_slice(value, scheme.len, value.len);

	return str_is_empty(value) ||
	       (str_starts_nocase(value, scheme) && is_said(rest) &&
	           holds_only(rest, LETTERS DIGITS "-._:[]"));
}

static bool
is_plain_origin(struct str value)
{
	return is_origin(value, STR("http://"));
}

static bool
is_secure_origin(struct str value)
{
	return is_origin(value, STR("https://"));
}

/* path-absolute of unreserved characters (RFC 3986, 2.3, 3.3), no "." */
static bool
is_base_path(struct str value)
{
	struct str rest = str_slice(value, 1, value.len);

	if (str_is_empty(value))
		return true;
	if (value.ptr[0] != '/')
		return false;
	while (rest.ptr != NULL) {
		struct str segment = str_cut(&rest, '/');

		if (str_is_empty(segment) || str_eq(segment, STR(".")) ||
		    str_eq(segment, STR("..")) ||
		    !holds_only(segment, LETTERS DIGITS "-._~"))
			return false;
	}
	return value.ptr[value.len - 1] != '/';
}

static bool
is_ranges(struct str value)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 20);
	struct socket_ranges ranges;

	return arena != NULL &&
	       socket_ranges_parse(arena, value, &ranges, NULL) == ERR_OK;
}

static bool
is_zone(struct str value)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 20);
	const struct zone *zone;

	return str_is_empty(value) ||
	       (arena != NULL &&
	           zone_open(value, arena, &zone, NULL) == ERR_OK);
}

static bool
is_pin(struct str value)
{
	unsigned char pin[CONFIG_PIN_BYTES];

	return str_is_empty(value) || config_pin(value, pin);
}

/* [ ":" port ] */
static bool
is_port_or_none(struct str value)
{
	uint32_t port = 0;

	return str_is_empty(value) ||
	       (value.ptr[0] == ':' && num_u32(str_slice(value, 1, value.len),
	                                   1, 65535, &port, NULL) == ERR_OK);
}

/* scheme "://" [ name ":" password "@" ] host [ ":" port ] */
static bool
is_proxy(struct str value)
{
	struct str rest;
	size_t at = 0;
	size_t end = 0;

	if (str_is_empty(value))
		return true;
	if (str_starts_nocase(value, STR("socks5://")))
		rest = str_slice(value, 9, value.len);
	else if (str_starts_nocase(value, STR("http://")))
		rest = str_slice(value, 7, value.len);
	else
		return false;
	for (at = rest.len; at > 0 && rest.ptr[at - 1] != '@';)
		at--;
	if (at == 1)
		return false;
	rest = str_slice(rest, at, rest.len);
	if (str_starts(rest, STR("["))) {
		end = str_find_byte(rest, ']', 0);
		return end < rest.len && end > 1 &&
		       holds_only(
		           str_slice(rest, 1, end), DIGITS "abcdefABCDEF:.") &&
		       is_port_or_none(str_slice(rest, end + 1, rest.len));
	}
	end = str_find_byte(rest, ':', 0);
	return end > 0 &&
	       holds_only(str_slice(rest, 0, end), LETTERS DIGITS "-._") &&
	       is_port_or_none(str_slice(rest, end, rest.len));
}

#define PIN_WORDS                                                      \
	"the SHA-256 of the server's public key: 64 hex digits, with " \
	"colons or without, or 44 letters of Base64"
#define PROXY_WORDS                                              \
	"socks5://HOST:PORT or http://HOST:PORT, with "          \
	"NAME:PASSWORD@ before HOST when the proxy wants them, " \
	"and nothing after PORT"

static const struct {
	const char *section;
	const char *name;
	check_fn *check;
	const char *allowed;
	bool is_secret; /* is not shown */
} checks[] = {
    {"Server", "ListenAddress", is_listen_address,
        "* or one numeric address, such as 127.0.0.1 or ::1", false},
    {"Server", "User", is_said, "the name of a user", false},
    {"Server", "StateDir", is_said, "a folder", false},
    {"Server", "TimeZone", is_zone,
        "the name of a time zone below /usr/share/zoneinfo, such as "
        "Europe/Berlin; or nothing, for this machine's",
        false},
    {"Server", "Title", is_said, "a name", false},
    {"Server", "BasePath", is_base_path,
        "a path such as /mail, of letters, digits and -._~, with / in front "
        "and none at the end; or nothing",
        false},
    {"Server", "TrustedProxies", is_ranges,
        "numeric addresses and networks, such as 127.0.0.1 10.0.0.0/8 ::1, "
        "with nothing set behind the prefix",
        false},
    {"Server", "PublicPlainURL", is_plain_origin,
        "http://NAME or http://NAME:PORT, with nothing after it", false},
    {"Server", "PublicSecureURL", is_secure_origin,
        "https://NAME or https://NAME:PORT, with nothing after it", false},
    {"Mail", "ImapHost", is_server_name,
        "a host name or numeric address, without port", false},
    {"Mail", "SmtpHost", is_server_name,
        "a host name or numeric address, without port", false},
    {"Mail", "ImapKeyPin", is_pin, PIN_WORDS, false},
    {"Mail", "SmtpKeyPin", is_pin, PIN_WORDS, false},
    {"Mail", "ImapProxy", is_proxy, PROXY_WORDS, true},
    {"Mail", "SmtpProxy", is_proxy, PROXY_WORDS, true},
    {"Mail", "DefaultDomain", config_is_domain, "a domain, such as example.org",
        false},
};

static void
check_one(
    struct config_draft *draft, size_t index, const struct config_scope *scope)
{
	const struct config_key *key = config_table_find(
	    str_c(checks[index].section), str_c(checks[index].name));
	const struct str *value =
	    config_table_place(key, draft->cfg, scope->site);
	uint32_t line = scope->origin->lines[config_table_index(key)];

	if (line == 0 || checks[index].check(*value))
		return;
	if (str_is_empty(*value))
		config_report_error(draft->report, line,
		    "%s= has no value; allowed: %s", key->name,
		    checks[index].allowed);
	else if (checks[index].is_secret)
		config_report_error(draft->report, line,
		    "%s=… cannot be; allowed: %s", key->name,
		    checks[index].allowed);
	else
		config_report_error(draft->report, line,
		    "%s=%.*s cannot be; allowed: %s", key->name,
		    STR_ARG(str_slice(*value, 0, 60)), checks[index].allowed);
}

void
config_check_values(struct config_draft *draft)
{
	struct config_scope scope;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		const struct config_key *key = config_table_find(
		    str_c(checks[i].section), str_c(checks[i].name));

		ensure(key != NULL && (key->type == CONFIG_IS_TEXT ||
		                          key->type == CONFIG_IS_PATH));
		for (size_t s = 0; config_sites_scope_at(draft, s, &scope); s++)
			if (s == 0 || key->is_site)
				check_one(draft, i, &scope);
	}
}
