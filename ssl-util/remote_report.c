#include "chain.h"
#include "key.h"
#include "remote.h"
#include "suite.h"

static const char *const VERSIONS[GRADE_VERSION_COUNT] = {
    "SSL 2.0", "SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"};
static const char *const GROUPS[SUITE_GROUP_COUNT] = {
    "with forward secrecy and AEAD", "with forward secrecy, CBC",
    "without forward secrecy", "weak: RC4 or blocks of 64 bits",
    "broken: no protection"};
#define DAY_S INT64_C(86400)

static void
say_versions(const struct remote *remote, struct buf *out)
{
	for (int wanted = 1; wanted >= 0; wanted--) {
		const char *before = wanted == 1 ? "Protocols offered:  "
		                                 : "  not offered:      ";
		for (int i = GRADE_TLS1_3; i >= GRADE_SSL2; i--) {
			if (remote->has_version[i] != (wanted == 1))
				continue;
			buf_addf(out, "%s%s", before, VERSIONS[i]);
			before = ", ";
		}
		if (before[0] == ',')
			buf_add_c(out, "\n");
	}
}

static void
say_suite(const struct remote_suite *one, struct buf *out)
{
	struct suite suite = suite_of(one->number);
	const char *before = " (";

	buf_addf(out, "    %s", suite.name);
	if (str_eq(str_c(suite.name), STR("unknown")))
		buf_addf(out, " 0x%04x", one->number);
	for (int i = GRADE_TLS1_3; i >= GRADE_SSL2; i--) {
		if ((one->versions & 1U << i) == 0)
			continue;
		buf_addf(out, "%s%s", before, VERSIONS[i]);
		before = ", ";
	}
	if (one->dh_bits > 0)
		buf_addf(out, "; DH %u bits", one->dh_bits);
	buf_add_c(out, ")\n");
}

static void
say_suites(const struct remote *remote, struct buf *out)
{
	buf_add_c(out, "Cipher suites\n");
	for (int group = 0; group < SUITE_GROUP_COUNT; group++) {
		bool has_title = false;
		for (size_t i = 0; i < remote->suite_count; i++) {
			struct suite suite = suite_of(remote->suites[i].number);
			if (suite_group_of(&suite) != (enum suite_group)group)
				continue;
			if (!has_title)
				buf_addf(out, "  %s\n", GROUPS[group]);
			has_title = true;
			say_suite(&remote->suites[i], out);
		}
	}
}

static void
add_group(uint16_t group, struct buf *out)
{
	const char *name = hello_group_name(group);

	if (name != NULL)
		buf_add_c(out, name);
	else
		buf_addf(out, "0x%04x", group);
}

static void
say_groups(const struct remote *remote, struct buf *out)
{
	if (remote->group_count == 0)
		return;
	buf_add_c(out, "Key exchange:       ");
	for (size_t i = 0; i < remote->group_count; i++) {
		buf_add_c(out, i > 0 ? ", " : "");
		add_group(remote->groups[i], out);
	}
	buf_add_c(out, "\n");
}

static void
say_hsts(const struct remote *remote, struct buf *out)
{
	const struct remote_http *http = &remote->http;

	if (remote->target->starttls != REMOTE_TLS)
		return;
	buf_add_c(out, "HSTS:               ");
	if (!http->is_http)
		buf_add_c(out, "no answer in HTTP\n");
	else if (!http->has_hsts)
		buf_add_c(out, "no\n");
	else
		buf_addf(out, "%lld days%s%s\n",
		    (long long)(http->hsts_age_s / DAY_S),
		    http->has_subdomains ? ", with subdomains" : "",
		    http->has_preload ? ", preload" : "");
}

static const char *
resumption(const struct remote *remote)
{
	bool new = remote->resumes[GRADE_TLS1_3];
	bool old =
	    remote->resumes[GRADE_TLS1_2] || remote->resumes[GRADE_TLS1_1];

	if (new &&old)
		return "yes";
	if (new)
		return remote->has_version[GRADE_TLS1_2] ? "TLS 1.3 only"
		                                         : "yes";
	return old ? "TLS 1.2 and older only" : "no";
}

void
remote_say(const struct remote *remote, struct buf *out)
{
	static const char *const staples[] = {
	    "no", "yes, good", "yes: REVOKED", "yes, but of no use"};

	say_versions(remote, out);
	say_suites(remote, out);
	say_groups(remote, out);
	buf_addf(out, "Compression:        %s\n",
	    remote->has_deflate ? "YES" : "no");
	buf_addf(out, "Renegotiation:      %s\n",
	    remote->renegotiates ? "when the client wants to" : "no");
	buf_addf(out, "Session resumption: %s\n", resumption(remote));
	buf_addf(out, "OCSP stapling:      %s\n", staples[remote->staple]);
	buf_addf(out, "Client certificate: %s\n",
	    remote->asks_certificate ? "asked for" : "not asked for");
	say_hsts(remote, out);
}

void
remote_say_grade(const struct remote *remote, struct buf *out)
{
	const struct grade *grade = &remote->grade;

	buf_addf(out, "\nGrade: %s\n", grade->letter);
	if (strcmp(grade->letter, grade->if_trusted) != 0)
		buf_addf(out, "  if the certificate were in order: %s\n",
		    grade->if_trusted);
	buf_addf(out,
	    "  protocols %u, key exchange %u, ciphers %u: %u of 100\n",
	    grade->protocol, grade->exchange, grade->cipher, grade->total);
	for (size_t i = 0; i < grade->cap_count; i++) {
		buf_addf(out, "  no better than %s: %s\n",
		    grade->caps[i].letter, grade->caps[i].why);
		if (remote->target->starttls == REMOTE_TLS &&
		    grade->caps[i].mend != NULL)
			buf_addf(out, "      mend: %s\n", grade->caps[i].mend);
	}
	if (remote->target->starttls != REMOTE_TLS && grade->cap_count > 0)
		buf_add_c(out, "  What is to mend stands in the mail server's "
		               "own settings.\n");
	buf_add_c(out,
	    "By the SSL Labs rating guide, 2009q. Attacks on faults of "
	    "programs are not tried.\n");
}

static void
json_text(struct buf *out, const char *name, const char *text)
{
	buf_addf(out, "\"%s\":\"", name);
	buf_add_json(out, str_c(text));
	buf_add_c(out, "\"");
}

static const char *
json_bool(bool value)
{
	return value ? "true" : "false";
}

static void
json_suites(const struct remote *remote, struct buf *out)
{
	static const char *const words[SUITE_GROUP_COUNT] = {
	    "aead", "cbc", "no-forward-secrecy", "weak", "broken"};

	buf_add_c(out, ",\"suites\":[");
	for (size_t i = 0; i < remote->suite_count; i++) {
		const struct remote_suite *one = &remote->suites[i];
		struct suite suite = suite_of(one->number);
		const char *before = "";
		buf_add_c(out, i > 0 ? ",{" : "{");
		json_text(out, "name", suite.name);
		buf_addf(out,
		    ",\"number\":%u,\"bits\":%u,\"dh_bits\":%u,"
		    "\"group\":\"%s\",\"protocols\":[",
		    one->number, suite.bits, one->dh_bits,
		    words[suite_group_of(&suite)]);
		for (int v = GRADE_SSL2; v < GRADE_VERSION_COUNT; v++) {
			if ((one->versions & 1U << v) == 0)
				continue;
			buf_addf(out, "%s\"%s\"", before, VERSIONS[v]);
			before = ",";
		}
		buf_add_c(out, "]}");
	}
	buf_add_c(out, "],\"groups\":[");
	for (size_t i = 0; i < remote->group_count; i++) {
		buf_add_c(out, i > 0 ? ",\"" : "\"");
		add_group(remote->groups[i], out);
		buf_add_c(out, "\"");
	}
	buf_add_c(out, "]");
}

static void
json_grade(const struct grade *grade, struct buf *out)
{
	buf_addf(out,
	    ",\"grade\":{\"letter\":\"%s\",\"if_trusted\":\"%s\","
	    "\"protocol\":%u,\"key_exchange\":%u,\"cipher\":%u,\"total\":%u,"
	    "\"caps\":[",
	    grade->letter, grade->if_trusted, grade->protocol, grade->exchange,
	    grade->cipher, grade->total);
	for (size_t i = 0; i < grade->cap_count; i++) {
		buf_add_c(out, i > 0 ? ",{" : "{");
		json_text(out, "letter", grade->caps[i].letter);
		buf_add_c(out, ",");
		json_text(out, "why", grade->caps[i].why);
		if (grade->caps[i].mend != NULL) {
			buf_add_c(out, ",");
			json_text(out, "mend", grade->caps[i].mend);
		}
		buf_add_c(out, "}");
	}
	buf_add_c(out, "]}");
}

void
remote_write_json(const struct remote *remote, struct buf *out)
{
	static const char *const staples[] = {"none", "good", "revoked", "bad"};

	buf_add_c(out, "\"host\":\"");
	buf_add_json(out, remote->target->host);
	buf_addf(out, "\",\"port\":%u,", remote->target->port);
	json_text(out, "name", remote->target->name);
	buf_add_c(out, ",\"protocols\":{");
	for (int i = GRADE_SSL2; i < GRADE_VERSION_COUNT; i++)
		buf_addf(out, "%s\"%s\":%s", i > 0 ? "," : "", VERSIONS[i],
		    json_bool(remote->has_version[i]));
	buf_add_c(out, "}");
	json_suites(remote, out);
	buf_addf(out,
	    ",\"compression\":%s,\"secure_renegotiation\":%s,"
	    "\"client_renegotiation\":%s,\"fallback_protection\":%s,"
	    "\"resumption\":{\"TLS 1.2\":%s,\"TLS 1.3\":%s},"
	    "\"ocsp_stapling\":\"%s\",\"client_certificate\":%s",
	    json_bool(remote->has_deflate),
	    json_bool(!remote->lacks_secure_renegotiation),
	    json_bool(remote->renegotiates), json_bool(!remote->lacks_fallback),
	    json_bool(remote->resumes[GRADE_TLS1_2]),
	    json_bool(remote->resumes[GRADE_TLS1_3]), staples[remote->staple],
	    json_bool(remote->asks_certificate));
	buf_addf(out,
	    ",\"hsts\":{\"present\":%s,\"max_age\":%lld,"
	    "\"subdomains\":%s,\"preload\":%s}",
	    json_bool(remote->http.has_hsts),
	    (long long)remote->http.hsts_age_s,
	    json_bool(remote->http.has_subdomains),
	    json_bool(remote->http.has_preload));
	json_grade(&remote->grade, out);
}
