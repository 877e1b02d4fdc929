#include "os/clock.h"
#include "remote.h"
#include "suite.h"

/* Some servers hang up on long lists. */
#define CHUNK_SUITES 100
#define SSL2_WAIT_MS 300
#define SUITES_MAX   400

static const uint16_t NUMBERS[GRADE_VERSION_COUNT] = {
    0, HELLO_SSL3, HELLO_TLS1_0, HELLO_TLS1_1, HELLO_TLS1_2, HELLO_TLS1_3};

/* One connection, one hello. HELLO_REFUSED when nothing useful came back. */
static enum err_code
ask(struct remote *remote, struct str hello, enum hello_result *out_result,
    struct hello_answer *out, struct err *err)
{
	CLEANUP(buf_free) struct buf answer = {.ptr = NULL};
	sock_t sock = SOCK_NONE;
	int64_t deadline_ms = clock_mono_ms() + remote->target->wait_ms;
	enum err_code rc = remote_open(remote->target, deadline_ms, &sock, err);
	bool goes_on = false;

	*out_result = HELLO_MORE;
	if (rc != ERR_OK)
		return rc;
	const int64_t begin_ms = clock_mono_ms();
	buf_init(&answer, HELLO_ANSWER_BYTES);
	goes_on = remote_send(sock, hello, deadline_ms);
	while (goes_on && *out_result == HELLO_MORE) {
		goes_on = remote_receive(sock, &answer, deadline_ms);
		*out_result = hello_read(buf_str(&answer), out);
	}
	socket_close(&sock);
	if (buf_str(&answer).len == 0 && remote->suite_count == 0 &&
	    clock_mono_ms() >= deadline_ms)
		return err_sayf(err, ERR_AWAY,
		    "%.*s, port %u, takes the connection and then says "
		    "nothing. Does it want --starttls?",
		    STR_ARG(remote->target->host), remote->target->port);
	if (*out_result == HELLO_NO_TLS && remote->suite_count == 0)
		return err_sayf(err, ERR_AWAY,
		    "%.*s, port %u, answers, but not in TLS. Is it the plain "
		    "port, or does it want --starttls?",
		    STR_ARG(remote->target->host), remote->target->port);
	if (*out_result == HELLO_ACCEPTED)
		remote->answer_ms = clock_mono_ms() - begin_ms;
	else
		*out_result = HELLO_REFUSED;
	return ERR_OK;
}

static enum err_code
ask_hello(struct remote *remote, const struct hello *hello,
    enum hello_result *out_result, struct hello_answer *out, struct err *err)
{
	CLEANUP(buf_free) struct buf bytes;
	struct hello named = *hello;

	named.name = remote->target->sni;
	buf_init(&bytes, HELLO_ANSWER_BYTES);
	hello_write(&named, &bytes);
	enum err_code rc = ask(remote, buf_str(&bytes), out_result, out, err);
	/* A server may answer with an older version: not what was asked. */
	if (rc == ERR_OK && *out_result == HELLO_ACCEPTED &&
	    out->version != hello->version)
		*out_result = HELLO_REFUSED;
	return rc;
}

static void
keep_suite(struct remote *remote, enum grade_version version,
    const struct hello_answer *answer)
{
	struct remote_suite *suite = NULL;

	for (size_t i = 0; i < remote->suite_count; i++)
		if (remote->suites[i].number == answer->suite)
			suite = &remote->suites[i];
	if (suite == NULL && remote->suite_count < REMOTE_SUITES_MAX) {
		suite = &remote->suites[remote->suite_count++];
		*suite = (struct remote_suite){.number = answer->suite};
	}
	if (suite == NULL)
		return;
	suite->versions |= 1U << version;
	if (answer->dh_bits > 0 &&
	    (suite->dh_bits == 0 || answer->dh_bits < suite->dh_bits))
		suite->dh_bits = answer->dh_bits;
	if (version < GRADE_TLS1_3 && !answer->has_secure_renegotiation &&
	    version > GRADE_SSL3)
		remote->lacks_secure_renegotiation = true;
}

/* false: it took one that was not offered. */
static bool
drop(uint16_t *suites, size_t *count, uint16_t number)
{
	for (size_t i = 0; i < *count; i++)
		if (suites[i] == number) {
			memmove(&suites[i], &suites[i + 1],
			    (*count - i - 1) * sizeof(suites[0]));
			*count -= 1;
			return true;
		}
	return false;
}

/* Offers a list, takes away what the server chose, until it takes none. */
static enum err_code
probe_list(struct remote *remote, enum grade_version version, uint16_t *suites,
    size_t count, struct err *err)
{
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK && count > 0) {
		struct hello_answer answer;
		enum hello_result result = HELLO_REFUSED;
		struct hello hello = {.version = NUMBERS[version],
		    .suites = suites,
		    .suite_count = count};
		rc = ask_hello(remote, &hello, &result, &answer, err);
		if (rc != ERR_OK || result != HELLO_ACCEPTED ||
		    !drop(suites, &count, answer.suite))
			return rc;
		remote->has_version[version] = true;
		keep_suite(remote, version, &answer);
	}
	return rc;
}

/* Suites of that version, in the table's order. */
static size_t
list_suites(enum grade_version version, uint16_t out[SUITES_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < suite_count() && count < SUITES_MAX; i++) {
		struct suite suite = suite_at(i);
		if ((suite.exchange == SUITE_ANY) == (version == GRADE_TLS1_3))
			out[count++] = suite.number;
	}
	return count;
}

static enum err_code
probe_version(
    struct remote *remote, enum grade_version version, struct err *err)
{
	uint16_t suites[SUITES_MAX];
	size_t count = list_suites(version, suites);
	enum err_code rc = ERR_OK;

	for (size_t at = 0; at < count && rc == ERR_OK; at += CHUNK_SUITES) {
		size_t left = count - at;
		rc = probe_list(remote, version, suites + at,
		    left < CHUNK_SUITES ? left : CHUNK_SUITES, err);
	}
	return rc;
}

static enum err_code
probe_ssl2(struct remote *remote, struct err *err)
{
	CLEANUP(buf_free) struct buf hello = {.ptr = NULL};
	CLEANUP(buf_free) struct buf answer = {.ptr = NULL};
	sock_t sock = SOCK_NONE;
	int64_t deadline_ms = clock_mono_ms() + remote->target->wait_ms;
	enum err_code rc = remote_open(remote->target, deadline_ms, &sock, err);

	if (rc != ERR_OK)
		return rc;
	/* Who takes it for the beginning of plain HTTP waits for the rest. */
	deadline_ms = clock_mono_ms() + SSL2_WAIT_MS + 10 * remote->answer_ms;
	buf_init(&hello, HELLO_ANSWER_BYTES);
	buf_init(&answer, HELLO_ANSWER_BYTES);
	hello_write_ssl2(&hello);
	if (remote_send(sock, buf_str(&hello), deadline_ms))
		(void)remote_receive(sock, &answer, deadline_ms);
	remote->has_version[GRADE_SSL2] = hello_is_ssl2(buf_str(&answer));
	socket_close(&sock);
	return ERR_OK;
}

/* Every group it takes, the one it likes best first. */
static enum err_code
probe_groups(struct remote *remote, enum grade_version version, struct err *err)
{
	uint16_t suites[SUITES_MAX];
	size_t suite_total = 0;
	uint16_t groups[REMOTE_GROUPS_MAX];
	size_t group_total = 0;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; i < remote->suite_count; i++) {
		struct suite suite = suite_of(remote->suites[i].number);
		bool has_group = suite.exchange == SUITE_ECDHE ||
		                 suite.exchange == SUITE_ANY;
		if (has_group &&
		    (remote->suites[i].versions & 1U << version) != 0)
			suites[suite_total++] = suite.number;
	}
	for (size_t i = 0; i < hello_group_count(); i++)
		groups[group_total++] = hello_group_at(i);
	while (rc == ERR_OK && suite_total > 0 && group_total > 0) {
		struct hello_answer answer;
		enum hello_result result = HELLO_REFUSED;
		struct hello hello = {.version = NUMBERS[version],
		    .suites = suites,
		    .suite_count = suite_total,
		    .groups = groups,
		    .group_count = group_total};
		rc = ask_hello(remote, &hello, &result, &answer, err);
		if (rc != ERR_OK || result != HELLO_ACCEPTED ||
		    !drop(groups, &group_total, answer.group))
			return rc;
		if (remote->group_count < REMOTE_GROUPS_MAX)
			remote->groups[remote->group_count++] = answer.group;
	}
	return rc;
}

static enum grade_version
newest(const struct remote *remote)
{
	enum grade_version version = GRADE_TLS1_3;

	while (version > GRADE_SSL2 && !remote->has_version[version])
		version--;
	return version;
}

/* Compression, and whether a pretended fallback is noticed. */
static enum err_code
probe_extras(struct remote *remote, struct err *err)
{
	uint16_t suites[SUITES_MAX];
	struct hello_answer answer;
	enum hello_result result = HELLO_REFUSED;
	enum grade_version older = newest(remote);
	size_t count = 0;

	while (older > GRADE_SSL3 &&
	       (older == newest(remote) || !remote->has_version[older]))
		older--;
	enum grade_version plain =
	    remote->has_version[GRADE_TLS1_3] ? older : newest(remote);
	if (plain <= GRADE_SSL3 || !remote->has_version[plain])
		return ERR_OK;
	for (size_t i = 0; i < remote->suite_count; i++)
		if ((remote->suites[i].versions & 1U << plain) != 0)
			suites[count++] = remote->suites[i].number;
	struct hello hello = {.version = NUMBERS[plain],
	    .suites = suites,
	    .suite_count = count,
	    .offers_deflate = true};
	enum err_code rc = ask_hello(remote, &hello, &result, &answer, err);
	remote->has_deflate = result == HELLO_ACCEPTED && answer.has_deflate;
	if (rc != ERR_OK || plain == newest(remote))
		return rc;
	hello.offers_deflate = false;
	hello.is_fallback = true;
	rc = ask_hello(remote, &hello, &result, &answer, err);
	remote->lacks_fallback = result == HELLO_ACCEPTED;
	return rc;
}

enum err_code
remote_probe(struct remote *remote, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (int i = GRADE_TLS1_3; i > GRADE_SSL2 && rc == ERR_OK; i--)
		rc = probe_version(remote, (enum grade_version)i, err);
	if (rc == ERR_OK)
		rc = probe_ssl2(remote, err);
	if (rc == ERR_OK && newest(remote) == GRADE_SSL2 &&
	    !remote->has_version[GRADE_SSL2])
		return err_sayf(err, ERR_AWAY,
		    "%.*s, port %u, takes connections but no TLS of any "
		    "version. Is it the plain port, or does it want "
		    "--starttls?",
		    STR_ARG(remote->target->host), remote->target->port);
	/* TLS 1.3 names its groups in clear; before, TLS 1.2 does. */
	if (rc == ERR_OK && newest(remote) >= GRADE_TLS1_0)
		rc = probe_groups(remote, newest(remote), err);
	return rc == ERR_OK ? probe_extras(remote, err) : rc;
}
