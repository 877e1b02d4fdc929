/*
 * Files as people hand them to iwebmsg-ssl, and first words of servers: any
 * bytes are read, shown and judged, or explained in one full sentence. What
 * is shown is UTF-8 without controls, whatever stands in the names.
 */
#include <stddef.h>
#include <stdint.h>

#include "../../ssl-util/chain.h"
#include "../../ssl-util/hello.h"
#include "../../ssl-util/judge.h"
#include "../../ssl-util/judge_ocsp.h"
#include "../../ssl-util/load.h"
#include "../../ssl-util/own.h"
#include "../../ssl-util/remote.h"
#include "../../ssl-util/show.h"

#define OUT_BYTES ((size_t)8 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(enum err_code rc, const struct err *err)
{
	ensure(rc == ERR_OK || rc == ERR_INPUT || rc == ERR_CONFIG);
	ensure(rc == ERR_OK || err->message[0] != '\0');
	ensure(str_is_utf8(str_c(err->message)));
}

/* Nothing of it may move a terminal's cursor. */
static void
check_shown(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		ensure(
		    (unsigned char)text.ptr[i] >= 0x20 || text.ptr[i] == '\n');
	ensure(str_is_utf8(text));
}

static void
try_chain(STACK_OF(X509) * certs)
{
	CLEANUP(own_certs_free) STACK_OF(X509) *ordered = NULL;
	CLEANUP(buf_free) struct buf out;
	struct report report = {.out = &out};
	struct err err = ERR_NONE;
	struct judge judge = {.report = &report,
	    .cert_path = "c",
	    .key_path = "k",
	    .name = "mail.example.org",
	    .all = certs};

	buf_init(&out, OUT_BYTES);
	ensure(chain_order(certs, chain_leaf(certs), &ordered, &err) == ERR_OK);
	ensure(sk_X509_num(ordered) > 0);
	/* judge_chain reads the system's store: too slow for here. */
	judge_dates(&judge, ordered);
	judge_strength(&judge, ordered);
	judge_purpose(&judge, sk_X509_value(ordered, 0));
	judge_name(&judge, sk_X509_value(ordered, 0), judge.name);
	check_shown(buf_str(&out));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(load_found_free) struct load_found found = {.certs = NULL};
	CLEANUP(buf_free) struct buf out;
	struct str bytes = str_of((const char *)data, size);
	struct hello_answer answer;
	struct judge_ocsp verdict;
	struct remote_http http;
	struct err err = ERR_NONE;

	buf_init(&out, OUT_BYTES);
	enum err_code rc = load_certs_of("f", bytes, NULL, &found, &err);
	check(rc, &err);
	if (rc == ERR_OK)
		try_chain(found.certs);
	err = (struct err)ERR_NONE;
	rc = show_bytes("f", bytes, NULL, &out, &err);
	check(rc, &err);
	check_shown(buf_str(&out));
	judge_ocsp_read(bytes, found.certs, &verdict);
	ensure(verdict.why[0] != '\0');
	(void)hello_read(bytes, &answer);
	(void)hello_is_ssl2(bytes);
	remote_http_read(bytes, &http);
	return 0;
}
