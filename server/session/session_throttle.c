/*
 * Failed logins are counted per account, address and network, and make the
 * next tries wait; nobody is ever locked out. The counters are in the
 * database: a restart or another node forgets nothing.
 */
#include "session/session_own.h"

#include "base/log.h"
#include "base/num.h"
#include "base/tr.h"
#include "os/clock.h"

/* At least this long a failure counts. */
#define FORGET_MIN_S  3600
#define DELAY_EXP_MAX 30
#define KEY_COUNT     3

struct counter {
	struct str key; /* empty: does not apply */
	uint32_t tries;
};

/* First three numbers of an IPv4 address: its /24. */
static struct str
network_v4(struct str address)
{
	size_t dots = 0;

	for (size_t i = 0; i < address.len; i++)
		if (address.ptr[i] == '.' && ++dots == 3)
			return str_slice(address, 0, i);
	return address;
}

struct groups {
	struct str list[8];
	size_t count;
	size_t gap; /* where "::" stands; 8: nowhere */
};

static void
split_v6(struct str address, struct groups *out)
{
	struct str rest = address;

	*out = (struct groups){.count = 0, .gap = 8};
	while (rest.ptr != NULL && out->count < 8) {
		struct str group = str_cut(&rest, ':');
		if (group.len > 0)
			out->list[out->count++] = group;
		else if (out->gap == 8)
			out->gap = out->count;
	}
}

/*
 * The first four groups of an IPv6 address (RFC 4291, 2.2), its /64. "::"
 * stands for as many groups of zeroes as are missing of eight.
 */
static struct str
network_v6(struct arena *arena, struct str address)
{
	struct groups groups;
	struct str first[4];

	split_v6(address, &groups);
	size_t missing = 8 - groups.count;
	for (size_t i = 0; i < 4; i++) {
		bool is_in_gap = i >= groups.gap && i < groups.gap + missing;
		size_t at = i < groups.gap ? i : i - missing;
		first[i] = is_in_gap || at >= groups.count ? STR("0")
		                                           : groups.list[at];
	}
	return str_printf(arena, "%.*s:%.*s:%.*s:%.*s", STR_ARG(first[0]),
	    STR_ARG(first[1]), STR_ARG(first[2]), STR_ARG(first[3]));
}

static struct str
network_of(struct arena *arena, struct str address)
{
	/* "::ffff:192.0.2.1" is IPv4 (RFC 4291, 2.5.5.2). */
	if (str_starts_nocase(address, STR("::ffff:")))
		address = str_slice(address, 7, address.len);
	if (str_find_byte(address, ':', 0) == address.len)
		return network_v4(address);
	return network_v6(arena, address);
}

static struct str
key_of(struct arena *arena, const char *kind, struct str value)
{
	return str_printf(arena, "%s:%.*s", kind, STR_ARG(value));
}

static void
counters_of(const struct sessions *sessions, const struct request *req,
    struct str login, struct counter out[KEY_COUNT])
{
	struct str address = str_c(req->peer.address);
	struct arena *arena = req->arena;

	memset(out, 0, KEY_COUNT * sizeof(*out));
	if (!session_known_is(sessions, req, login) && str_is_utf8(login))
		out[0] = (struct counter){
		    key_of(arena, "account", session_live_account(req, login)),
		    req->cfg->login_tries_account};
	/* A proxy on this machine stands for everybody. */
	if (req->peer.is_loopback)
		return;
	out[1] = (struct counter){
	    key_of(arena, "address", address), req->cfg->login_tries_address};
	out[2] = (struct counter){
	    key_of(arena, "network", network_of(arena, address)),
	    req->cfg->login_tries_network};
}

static int64_t
forget_s(const struct request *req)
{
	int64_t longest_s = 2 * req->cfg->login_delay_max_ms / 1000;

	return longest_s > FORGET_MIN_S ? longest_s : FORGET_MIN_S;
}

/* Seconds to wait: 1, 2, 4 … once the free tries are used up. */
static int64_t
wait_of(const struct request *req, const struct store_throttle *count,
    uint32_t tries, int64_t now_s)
{
	int64_t longest_s = (req->cfg->login_delay_max_ms + 999) / 1000;

	if (count->failures < tries || now_s - count->last_s > forget_s(req))
		return 0;
	uint32_t over = count->failures - tries;
	int64_t delay_s = (int64_t)1
	                  << (over < DELAY_EXP_MAX ? over : DELAY_EXP_MAX);
	if (delay_s > longest_s)
		delay_s = longest_s;
	int64_t left_s = count->last_s + delay_s - now_s;
	/* A clock that was set back must not lock anybody out. */
	return left_s > longest_s ? longest_s : left_s;
}

enum err_code
session_throttle_check(struct sessions *sessions, struct request *req,
    struct str login, struct err *err)
{
	struct counter counters[KEY_COUNT];
	int64_t now_s = clock_now_s();
	int64_t wait_s = 0;

	counters_of(sessions, req, login, counters);
	for (size_t i = 0; i < KEY_COUNT; i++) {
		struct store_throttle count;
		if (counters[i].key.len == 0)
			continue;
		enum err_code rc = store_throttle_get(
		    sessions->store, counters[i].key, &count, err);
		if (rc != ERR_OK)
			return rc;
		int64_t left_s = wait_of(req, &count, counters[i].tries, now_s);
		if (left_s > wait_s)
			wait_s = left_s;
	}
	if (wait_s <= 0)
		return ERR_OK;
	metric_add(sessions->throttled, 1);
	return err_sayf(err, ERR_LIMIT,
	    trn("There were too many failed logins. Please wait %lld second "
	        "and try again.",
	        "There were too many failed logins. Please wait %lld seconds "
	        "and try again.",
	        (uint64_t)wait_s),
	    (long long)wait_s);
}

void
session_throttle_failed(
    struct sessions *sessions, struct request *req, struct str login)
{
	struct counter counters[KEY_COUNT];
	struct err err = ERR_NONE;

	counters_of(sessions, req, login, counters);
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (counters[i].key.len > 0 &&
		    store_throttle_add(sessions->store, counters[i].key,
		        clock_now_s(), forget_s(req), &err) != ERR_OK)
			log_event(LOG_ERROR, "session.throttle",
			    LOG_C("detail", err.detail));
}

void
session_throttle_passed(
    struct sessions *sessions, struct request *req, struct str login)
{
	struct err err = ERR_NONE;

	/*
	 * Only the account's: else an attacker with an account of their own
	 * clears the counter of their address between tries.
	 */
	if (!str_is_utf8(login))
		return;
	if (store_throttle_delete(sessions->store,
	        key_of(req->arena, "account", session_live_account(req, login)),
	        &err) != ERR_OK)
		log_event(
		    LOG_ERROR, "session.throttle", LOG_C("detail", err.detail));
}
