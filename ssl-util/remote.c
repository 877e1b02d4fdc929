#include "remote.h"

#include "chain.h"
#include "judge.h"
#include "key.h"
#include "own.h"
#include "report.h"
#include "show.h"
#include "suite.h"

#define ARENA_BYTES ((size_t)4 << 20)

void
remote_end(struct remote *remote)
{
	for (size_t i = 0; i < remote->chain_count; i++)
		own_certs_free(&remote->chains[i]);
	remote->chain_count = 0;
}

/* As many bits as an RSA key of the same strength (NIST SP 800-57). */
static unsigned
key_bits(const EVP_PKEY *key)
{
	unsigned bits = key != NULL ? (unsigned)EVP_PKEY_get_bits(key) : 0;

	if (key == NULL || EVP_PKEY_is_a(key, "RSA") ||
	    EVP_PKEY_is_a(key, "RSA-PSS") || EVP_PKEY_is_a(key, "DSA"))
		return bits;
	return bits >= 500 ? 15360 : bits >= 380 ? 7680 : bits * 12;
}

static void
lower(unsigned *least, unsigned bits)
{
	if (bits < *least)
		*least = bits;
}

/* One suite's part of the grade. */
static void
weigh_suite(const struct remote_suite *one, struct grade_facts *facts)
{
	struct suite suite = suite_of(one->number);
	bool is_new =
	    (one->versions & (1U << GRADE_TLS1_1 | 1U << GRADE_TLS1_2)) != 0;
	bool is_old = (one->versions & 1U << GRADE_SSL3) != 0;

	lower(&facts->cipher_bits_least, suite.bits);
	if (suite.bits > facts->cipher_bits_most)
		facts->cipher_bits_most = suite.bits;
	facts->has_secrecy |= suite_has_secrecy(&suite);
	facts->has_aead |= suite.is_aead;
	facts->has_anonymous |= suite.exchange == SUITE_ANONYMOUS;
	facts->has_no_encryption |= suite.bits == 0;
	facts->has_export |= suite.is_export;
	facts->has_rc4_new |= suite.is_rc4 && is_new;
	facts->has_rc4_old |= suite.is_rc4 && !is_new;
	facts->has_small_block |= suite.is_small_block && is_new;
	facts->has_poodle |= is_old && !suite.is_rc4 && suite.bits > 0;
	if (suite.exchange == SUITE_ANONYMOUS)
		facts->exchange_bits = 0;
	if (one->dh_bits > 0)
		lower(&facts->exchange_bits, one->dh_bits);
	facts->has_tiny_dh |= one->dh_bits > 0 && one->dh_bits < 1024;
	facts->has_short_dh |= one->dh_bits > 0 && one->dh_bits < 2048;
}

static void
weigh(struct remote *remote)
{
	struct grade_facts *facts = &remote->facts;

	memcpy(facts->has_version, remote->has_version,
	    sizeof(facts->has_version));
	facts->cipher_bits_least = remote->suite_count > 0 ? UINT32_MAX : 0;
	facts->exchange_bits = UINT32_MAX;
	for (size_t i = 0; i < remote->chain_count; i++)
		lower(&facts->exchange_bits,
		    key_bits(
		        X509_get0_pubkey(sk_X509_value(remote->chains[i], 0))));
	for (size_t i = 0; i < remote->chain_count; i++)
		facts->is_self_signed |=
		    chain_is_self_signed(sk_X509_value(remote->chains[i], 0));
	for (size_t i = 0; i < remote->group_count; i++)
		if (hello_group_bits(remote->groups[i]) > 0)
			lower(&facts->exchange_bits,
			    hello_group_bits(remote->groups[i]));
	for (size_t i = 0; i < remote->suite_count; i++)
		weigh_suite(&remote->suites[i], facts);
	facts->has_compression = remote->has_deflate;
	facts->lacks_secure_renegotiation = remote->lacks_secure_renegotiation;
	facts->lacks_fallback = remote->lacks_fallback;
	facts->is_revoked |= remote->staple == REMOTE_STAPLE_REVOKED;
	facts->is_http = remote->target->starttls == REMOTE_TLS;
	facts->has_hsts = remote->http.has_hsts;
	facts->is_silent = !remote->http.is_http;
	facts->hsts_age_s = remote->http.hsts_age_s;
}

static void
take_findings(unsigned found, struct grade_facts *facts)
{
	const unsigned untrusted =
	    JUDGE_EXPIRED | JUDGE_NOT_YET | JUDGE_UNKNOWN_ROOT |
	    JUDGE_SELF_SIGNED | JUDGE_INCOMPLETE | JUDGE_BROKEN | JUDGE_PURPOSE;

	facts->is_untrusted |= (found & untrusted) != 0;
	facts->is_misnamed |= (found & JUDGE_NAME) != 0;
	facts->is_incomplete |= (found & JUDGE_MISSING) != 0;
	facts->has_short_key |= (found & JUDGE_WEAK_KEY) != 0;
	facts->has_tiny_key |= (found & JUDGE_TINY_KEY) != 0;
	facts->has_sha1 |= (found & JUDGE_SHA1) != 0;
	facts->has_md5 |= (found & JUDGE_MD5) != 0;
}

static enum err_code
judge_chain_of(struct remote *remote, const char *root, STACK_OF(X509) * chain,
    struct report *report, struct err *err)
{
	CLEANUP(own_certs_free) STACK_OF(X509) *ordered = NULL;
	unsigned found = 0;
	struct judge judge = {.report = report,
	    .found = &found,
	    .cert_path = "CERTIFICATE",
	    .key_path = "KEY",
	    .name = remote->target->name,
	    .root = root,
	    .all = chain};
	enum err_code rc = chain_order(chain, 0, &ordered, err);

	if (rc == ERR_OK)
		rc = judge_all(&judge, ordered, err);
	if (rc == ERR_OK && (found & JUDGE_SELF_SIGNED) != 0) {
		report_bad(report, "trust",
		    "no browser trusts a certificate that signs itself");
		report_mend(report,
		    "name it with --root FILE when you do, else iwebmsg-ssl "
		    "csr --key-file KEY --name %s asks an authority",
		    remote->target->name);
	}
	take_findings(found, &remote->facts);
	return rc;
}

/* What is neither protocol nor certificate. */
static void
judge_rest(struct remote *remote, struct report *report)
{
	if (remote->staple == REMOTE_STAPLE_BAD ||
	    remote->staple == REMOTE_STAPLE_REVOKED) {
		report_bad(report, "stapling",
		    "the stapled OCSP response is of no use: %s",
		    remote->staple_why);
		report_mend(report,
		    "fetch a new one into the file of OcspResponse=, then "
		    "systemctl reload iwebmsg");
	}
	if (remote->renegotiates) {
		report_bad(report, "renegotiation",
		    "clients may begin anew as often as they like, which "
		    "costs the server more than them");
		report_mend(report,
		    "iwebmsgd refuses that: look at what stands in front");
	}
	if (remote->asks_certificate && !remote->http.is_http &&
	    remote->target->starttls == REMOTE_TLS)
		report_note(report, "client certificate",
		    "without one the server answers nothing (VerifyClient="
		    "required): whether it sends HSTS cannot be seen from "
		    "here");
	if (remote->lacks_fallback)
		report_note(report, "downgrade",
		    "TLS_FALLBACK_SCSV is not known to it");
	remote->facts.has_warning = report->problem_count > 0;
}

static enum err_code
judge_remote(struct remote *remote, const char *root, struct report *report,
    struct err *err)
{
	enum err_code rc = ERR_OK;

	if (remote->chain_count == 0) {
		report_bad(report, "certificate", "the server shows none");
		report_mend(report, "Certificate= and PrivateKey= in [SSL]");
		remote->facts.is_untrusted = true;
	}
	for (size_t i = 0; i < remote->chain_count && rc == ERR_OK; i++) {
		if (!report->is_json) {
			buf_addf(report->out,
			    "\nCertificate %zu of %zu, of %d "
			    "sent\n",
			    i + 1, remote->chain_count,
			    sk_X509_num(remote->chains[i]));
			show_x509(
			    sk_X509_value(remote->chains[i], 0), report->out);
		}
		rc = judge_chain_of(
		    remote, root, remote->chains[i], report, err);
	}
	if (rc == ERR_OK)
		judge_rest(remote, report);
	weigh(remote);
	grade_of(&remote->facts, &remote->grade);
	return rc;
}

static enum err_code
say_all(struct remote *remote, const struct options *options, struct buf *out,
    struct err *err)
{
	CLEANUP(buf_free) struct buf findings;
	struct report report = {.out = &findings, .is_json = options->json};

	buf_init(&findings, out->max_bytes);
	enum err_code rc = judge_remote(remote, options->root, &report, err);
	if (rc != ERR_OK)
		return rc;
	report_end(&report);
	if (options->json) {
		buf_add_c(out, "{");
		remote_write_json(remote, out);
		buf_add_c(out, ",\"findings\":[");
		buf_add(out, buf_str(&findings));
		buf_add_c(out, "]}\n");
	} else {
		buf_addf(out, "%.*s, port %u, asked for %s\n\n",
		    STR_ARG(remote->target->host), remote->target->port,
		    remote->target->name);
		remote_say(remote, out);
		buf_add(out, buf_str(&findings));
		remote_say_grade(remote, out);
	}
	return ERR_OK;
}

enum err_code
remote_run(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_BYTES);
	struct remote_target target;
	CLEANUP(remote_end)
	struct remote remote = {.target = &target};

	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	enum err_code rc = remote_target_parse(options, arena, &target, err);
	if (rc == ERR_OK)
		rc = remote_probe(&remote, err);
	if (rc == ERR_OK)
		rc = remote_visit(&remote, err);
	if (rc == ERR_OK)
		rc = say_all(&remote, options, out, err);
	if (rc != ERR_OK || grade_is_good(&remote.grade))
		return rc;
	return err_sayf(err, ERR_CONFIG,
	    "The grade is %s; what keeps it from A is said above.",
	    remote.grade.letter);
}
