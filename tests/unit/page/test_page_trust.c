/* The private authority's certificate: shown and handed out, or 404. */
#include "page_state.h"

#include "../net/cert_maker.h"

static struct str
page(struct fixture *f, struct app_state *app_state, page_fn *show,
    struct response **out_res)
{
	fixture_request(f, "/trust");
	f->req->pinned = app_state;
	f->req->session = NULL;
	*out_res = http_response(f->req);
	assert_int_equal(show(f->req, *out_res, &f->err), ERR_OK);
	return response_get_body(*out_res);
}

static void
test_off(void **state)
{
	struct fixture *f = *state;
	struct app_state *app_state = make_state(f);

	f->req->pinned = app_state;
	assert_int_equal(
	    page_trust(f->req, http_response(f->req), &f->err), ERR_NOT_FOUND);
	assert_int_equal(
	    page_trust_file(f->req, http_response(f->req), &f->err),
	    ERR_NOT_FOUND);
	/* Not a certificate: main looks before, but it is no crash. */
	app_state->trust_page_der = STR("no DER");
	assert_int_equal(
	    page_trust(f->req, http_response(f->req), &f->err), ERR_INPUT);
	f->req->pinned = NULL;
	app_state_unref(app_state);
}

static void
test_on(void **state)
{
	struct fixture *f = *state;
	struct app_state *app_state = make_state(f);
	struct cert ca = cert_make(&(struct cert_wish){
	    .name = "Inner <CA>", .is_ca = true, .from_s = -60, .to_s = 86400});
	unsigned char *der = NULL;
	int der_len = i2d_X509(ca.x509, &der);
	struct response *res;
	struct str body;

	assert_true(der_len > 0);
	app_state->trust_page_der = str_of((const char *)der, (size_t)der_len);
	body = page(f, app_state, page_trust, &res);
	assert_int_equal(response_get_status(res), 200);
	assert_page(body, "Inner &lt;CA&gt;", true);
	assert_page(body, "href=\"/trust/ca.cer\"", true);
	assert_page(body, "came to you unencrypted", true);
	assert_page(body, "SHA-256", true);
	assert_true(str_find(body, STR("SHA-256"), 0) <
	            str_find(body, STR("SHA-1,"), 0));
	assert_page(body, "PRIVATE KEY", false);
	body = page(f, app_state, page_trust_file, &res);
	assert_int_equal(body.len, der_len);
	assert_memory_equal(body.ptr, der, body.len);
	f->req->pinned = NULL;
	OPENSSL_free(der);
	cert_end(&ca);
	app_state_unref(app_state);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_off),
	    T(test_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
