/* Whom the mail door trusts, and the words for everybody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "cert_maker.h"
#include "net/net_client.h"
#include "os/clock.h"
#include "os/poller.h"

enum {
	DAY_S = 86400,
	LONG_MS = 20000 /* never reached when all is well */
};

/* How the server behaves; 0 is a good one. */
struct door {
	const struct cert *cert;
	const struct cert *chain;  /* sent behind it; NULL: none */
	int max_version;           /* 0: the newest */
	const char *ciphers;       /* TLS 1.2; NULL: OpenSSL's */
	const struct cert *client; /* its issuer must sign ours; NULL: none */
};

struct server {
	struct door door;
	sock_t listener;
	uint16_t port;
	pthread_t thread;
	char sni[256]; /* what the client asked for */
};

static struct {
	struct cert root, other, intermediate;
	struct cert good, by_intermediate, by_unknown, no_san, expired, early;
	struct cert revoked, lonely, weak_key, weak_hash, house_leaf, client;
	char *crl, *stale_crl;
} shelf;

static int64_t
soon(void)
{
	return clock_mono_ms() + LONG_MS;
}

/* ---- certificates that cert_make does not make ---- */

static void
set_house(struct cert *cert, bool of_issuer)
{
	X509_NAME *name =
	    of_issuer ? X509_NAME_dup(X509_get_issuer_name(cert->x509))
	              : X509_NAME_dup(X509_get_subject_name(cert->x509));

	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
	    (const unsigned char *)"House", -1, -1, 0);
	ensure((of_issuer ? X509_set_issuer_name(cert->x509, name)
	                  : X509_set_subject_name(cert->x509, name)) == 1);
	X509_NAME_free(name);
}

static void
sign_again(struct cert *cert, const struct cert *issuer, const EVP_MD *hash)
{
	BIO *bio = BIO_new(BIO_s_mem());

	ensure(X509_sign(cert->x509, issuer->key, hash) > 0);
	free(cert->pem);
	PEM_write_bio_X509(bio, cert->x509);
	cert->pem = cert_take_text(bio);
}

static char *
make_crl(const struct cert *issuer, const struct cert *revoked, long to_s)
{
	X509_CRL *crl = X509_CRL_new();
	X509_REVOKED *row = X509_REVOKED_new();
	ASN1_TIME *from = X509_gmtime_adj(NULL, -2L * DAY_S);
	ASN1_TIME *to = X509_gmtime_adj(NULL, to_s);
	BIO *bio = BIO_new(BIO_s_mem());

	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509));
	X509_CRL_set1_lastUpdate(crl, from);
	X509_CRL_set1_nextUpdate(crl, to);
	X509_REVOKED_set_serialNumber(
	    row, X509_get_serialNumber(revoked->x509));
	X509_REVOKED_set_revocationDate(row, from);
	ensure(X509_CRL_add0_revoked(crl, row) == 1);
	ensure(X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
	PEM_write_bio_X509_CRL(bio, crl);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	X509_CRL_free(crl);
	return cert_take_text(bio);
}

static struct cert
leaf_of(const struct cert *issuer)
{
	return cert_make(&(struct cert_wish){.name = "mail.example",
	    .alt = "DNS:mail.example,IP:127.0.0.1",
	    .issuer = issuer,
	    .to_s = DAY_S});
}

static void
make_weak(void)
{
	shelf.weak_hash = leaf_of(&shelf.root);
	sign_again(&shelf.weak_hash, &shelf.root, EVP_sha1());
	shelf.weak_key = leaf_of(&shelf.root);
	EVP_PKEY_free(shelf.weak_key.key);
	shelf.weak_key.key = EVP_RSA_gen(1024);
	X509_set_pubkey(shelf.weak_key.x509, shelf.weak_key.key);
	sign_again(&shelf.weak_key, &shelf.root, EVP_sha256());
}

/* Issued by an intermediate one that says where it is to be had. */
static void
make_chain(void)
{
	shelf.intermediate =
	    cert_make(&(struct cert_wish){.name = "Intermediate",
	        .issuer = &shelf.root,
	        .is_ca = true,
	        .to_s = DAY_S});
	shelf.by_intermediate = leaf_of(&shelf.intermediate);
	cert_extend(shelf.by_intermediate.x509, shelf.intermediate.x509,
	    NID_info_access, "caIssuers;URI:http://ca.example/i.cer");
	sign_again(&shelf.by_intermediate, &shelf.intermediate, EVP_sha256());
	/* No address, but the authority's own house. */
	shelf.house_leaf = leaf_of(&shelf.intermediate);
	set_house(&shelf.house_leaf, true);
	sign_again(&shelf.house_leaf, &shelf.intermediate, EVP_sha256());
}

static int
set_up(void **state)
{
	(void)state;
	shelf.root = cert_make(
	    &(struct cert_wish){.name = "Root", .is_ca = true, .to_s = DAY_S});
	shelf.other = cert_make(
	    &(struct cert_wish){.name = "Other", .is_ca = true, .to_s = DAY_S});
	set_house(&shelf.other, false);
	set_house(&shelf.other, true);
	sign_again(&shelf.other, &shelf.other, EVP_sha256());
	shelf.good = leaf_of(&shelf.root);
	shelf.revoked = leaf_of(&shelf.root);
	shelf.by_unknown = leaf_of(&shelf.other);
	shelf.lonely = leaf_of(NULL);
	shelf.no_san = cert_make(&(struct cert_wish){
	    .name = "mail.example", .issuer = &shelf.root, .to_s = DAY_S});
	shelf.expired = cert_make(&(struct cert_wish){.name = "mail.example",
	    .alt = "DNS:mail.example",
	    .issuer = &shelf.root,
	    .from_s = -2L * DAY_S,
	    .to_s = -DAY_S});
	shelf.early = cert_make(&(struct cert_wish){.name = "mail.example",
	    .alt = "DNS:mail.example",
	    .issuer = &shelf.root,
	    .from_s = DAY_S,
	    .to_s = 2L * DAY_S});
	shelf.client = cert_make(&(struct cert_wish){
	    .name = "webmail", .issuer = &shelf.root, .to_s = DAY_S});
	make_weak();
	make_chain();
	shelf.crl = make_crl(&shelf.root, &shelf.revoked, DAY_S);
	shelf.stale_crl = make_crl(&shelf.root, &shelf.revoked, -DAY_S);
	return 0;
}

static int
tear_down(void **state)
{
	struct cert *all[] = {&shelf.root, &shelf.other, &shelf.intermediate,
	    &shelf.good, &shelf.by_intermediate, &shelf.by_unknown,
	    &shelf.no_san, &shelf.expired, &shelf.early, &shelf.revoked,
	    &shelf.lonely, &shelf.weak_key, &shelf.weak_hash, &shelf.house_leaf,
	    &shelf.client};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		cert_end(all[i]);
	free(shelf.crl);
	free(shelf.stale_crl);
	return 0;
}

/* ---- the server ---- */

static int
note_sni(SSL *ssl, int *alert, void *ctx)
{
	struct server *server = ctx;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	(void)snprintf(
	    server->sni, sizeof(server->sni), "%s", name == NULL ? "" : name);
	return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *
door_context(struct server *server)
{
	const struct door *door = &server->door;
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(ctx, door->max_version);
	ensure(SSL_CTX_set_cipher_list(ctx,
	           door->ciphers == NULL ? "ALL:@SECLEVEL=0" : door->ciphers) ==
	       1);
	ensure(SSL_CTX_use_certificate(ctx, door->cert->x509) == 1);
	ensure(SSL_CTX_use_PrivateKey(ctx, door->cert->key) == 1);
	if (door->chain != NULL)
		SSL_CTX_add1_chain_cert(ctx, door->chain->x509);
	if (door->client != NULL) {
		X509_STORE_add_cert(
		    SSL_CTX_get_cert_store(ctx), door->client->x509);
		SSL_CTX_set_verify(ctx,
		    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
	SSL_CTX_set_tlsext_servername_callback(ctx, note_sni);
	SSL_CTX_set_tlsext_servername_arg(ctx, server);
	return ctx;
}

static void *
server_run(void *ctx)
{
	struct server *server = ctx;
	SSL_CTX *context = door_context(server);
	SSL *ssl = SSL_new(context);
	struct socket_peer peer;
	sock_t sock = SOCK_NONE;
	char buf[64];

	if (poller_wait_one(
	        server->listener, POLLER_READ, soon(), NULL, NULL) == ERR_OK)
		sock = socket_accept(server->listener, &peer);
	if (sock != SOCK_NONE) {
		socket_set_nonblocking(sock, false);
		SSL_set_fd(ssl, sock);
		if (SSL_accept(ssl) == 1)
			(void)SSL_write(ssl, "hello", 5);
		/* Without reading to the end this would be a reset. */
		socket_shutdown_write(sock);
		while (read(sock, buf, sizeof(buf)) > 0)
			;
	}
	ERR_clear_error();
	SSL_free(ssl);
	SSL_CTX_free(context);
	socket_close(&sock);
	return NULL;
}

/* ---- one meeting ---- */

struct meeting {
	struct door door;
	struct net_tls_client_settings settings;
	const char *host;
	/* what came of it */
	enum err_code rc;
	struct err err;
	enum net_client_trouble trouble;
	struct net_client_facts facts;
	char sni[256];
	char pin[80];
};

/* What the server says once hands are shaken. */
static void
meet_read(struct meeting *meeting, struct net_client *client)
{
	char buf[8];

	if (net_client_read(client, buf, 5) == 5)
		return;
	meeting->rc = net_client_error(client, &meeting->err);
	assert_int_not_equal(meeting->rc, ERR_OK);
}

static void
meet(struct meeting *meeting)
{
	struct server server = {.door = meeting->door};
	struct net_tls_client *tls = NULL;
	struct net_client *client = NULL;

	assert_int_equal(
	    socket_listen(STR("127.0.0.1"), 0, &server.listener, NULL), ERR_OK);
	server.port = socket_port(server.listener);
	assert_int_equal(
	    pthread_create(&server.thread, NULL, server_run, &server), 0);
	if (meeting->settings.trust.pem.ptr == NULL)
		meeting->settings.trust.pem = str_c(shelf.root.pem);
	meeting->settings.trust.name = "ca.pem";
	meeting->settings.trust.crl_name = "crl.pem";
	if (net_tls_client_new(&meeting->settings, &tls, &meeting->err) !=
	    ERR_OK)
		fail_msg("%s", meeting->err.message);
	assert_int_equal(net_client_open(STR("127.0.0.1"), server.port, soon(),
	                     NULL, &client, &meeting->err),
	    ERR_OK);
	meeting->rc = net_client_start_tls(client, tls,
	    str_c(meeting->host == NULL ? "mail.example" : meeting->host),
	    &meeting->err);
	if (meeting->rc == ERR_OK) {
		meeting->facts = *net_client_facts(client);
		(void)snprintf(meeting->pin, sizeof(meeting->pin), "%s",
		    meeting->facts.key_pin_sha256);
		meet_read(meeting, client);
	} else {
		assert_null(net_client_facts(client));
	}
	meeting->trouble = net_client_trouble(client);
	net_client_close(client);
	(void)pthread_join(server.thread, NULL);
	socket_close(&server.listener);
	net_tls_client_unref(tls);
	memcpy(meeting->sni, server.sni, sizeof(server.sni));
}

static void
assert_meeting(const char *name, const struct meeting *meeting,
    enum net_client_trouble trouble, const char *message, const char *detail)
{
	const enum err_code rc = trouble == NET_CLIENT_NO_TROUBLE ? ERR_OK
	                         : trouble < NET_CLIENT_PROTOCOL  ? ERR_TRUST
	                                                          : ERR_AWAY;

	if (meeting->rc != rc || meeting->trouble != trouble ||
	    strstr(meeting->err.message, message) == NULL ||
	    strstr(meeting->err.detail, detail) == NULL)
		fail_msg("%s: %s, trouble %d: %s (%s)", name,
		    err_name(meeting->rc), (int)meeting->trouble,
		    meeting->err.message, meeting->err.detail);
	/* People are told no names. */
	assert_null(strstr(meeting->err.message, ".example"));
	assert_null(strstr(meeting->err.message, "127.0.0.1"));
}

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

/* ---- tests ---- */

static void
each_certificate_has_its_words(void **state)
{
	const struct {
		const char *name;
		const struct cert *cert, *chain;
		const char *host;
		enum net_client_trouble trouble;
		const char *message, *detail;
	} rows[] = {
	    {"good", &shelf.good, NULL, NULL, NET_CLIENT_NO_TROUBLE, "", ""},
	    {"address", &shelf.good, NULL, "127.0.0.1", NET_CLIENT_NO_TROUBLE,
	        "", ""},
	    {"chain", &shelf.by_intermediate, &shelf.intermediate, NULL,
	        NET_CLIENT_NO_TROUBLE, "", ""},
	    {"name", &shelf.good, NULL, "imap.example", NET_CLIENT_NAME,
	        "is for another name",
	        "is for mail.example, 127.0.0.1, not for imap.example"},
	    {"address in vain", &shelf.good, NULL, "127.0.0.2", NET_CLIENT_NAME,
	        "is for another name", "not for 127.0.0.2"},
	    {"common name", &shelf.no_san, NULL, NULL, NET_CLIENT_NAME,
	        "is for another name", "no subjectAltName"},
	    {"unknown authority", &shelf.by_unknown, NULL, NULL,
	        NET_CLIENT_AUTHORITY, "an authority that is not trusted here",
	        "issued by O=House,CN=Other"},
	    {"unknown root sent", &shelf.by_unknown, &shelf.other, NULL,
	        NET_CLIENT_AUTHORITY, "an authority that is not trusted here",
	        "self-signed certificate in certificate chain"},
	    {"self-signed", &shelf.lonely, NULL, NULL, NET_CLIENT_SELF_SIGNED,
	        "(self-signed)", ""},
	    {"missing intermediate", &shelf.by_intermediate, NULL, NULL,
	        NET_CLIENT_CHAIN, "without the intermediate one",
	        "does not send the certificate of its issuer CN=Intermediate"},
	    {"expired", &shelf.expired, NULL, NULL, NET_CLIENT_EXPIRED,
	        "has expired", "expired on 20"},
	    {"not yet valid", &shelf.early, NULL, NULL, NET_CLIENT_NOT_YET,
	        "is not valid yet", "is not valid before 20"},
	    {"1024 bit", &shelf.weak_key, NULL, NULL, NET_CLIENT_WEAK_KEY,
	        "a key that is too weak", "EE certificate key too weak"},
	    {"SHA-1", &shelf.weak_hash, NULL, NULL, NET_CLIENT_WEAK_HASH,
	        "signed in a way that is too weak", ""},
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		struct meeting meeting = {.door = {.cert = rows[i / 2].cert,
		                              .chain = rows[i / 2].chain,
		                              .max_version = versions[i % 2]},
		    .host = rows[i / 2].host};

		meet(&meeting);
		assert_meeting(rows[i / 2].name, &meeting, rows[i / 2].trouble,
		    rows[i / 2].message, rows[i / 2].detail);
	}
}

/* The same leaf, and an authority of its issuer's house is trusted. */
static void
a_house_we_trust_lacks_only_a_link(void **state)
{
	struct meeting meeting = {.door.cert = &shelf.house_leaf,
	    .settings.trust.pem = str_c(shelf.other.pem)};

	(void)state;
	meet(&meeting);
	assert_meeting("house", &meeting, NET_CLIENT_CHAIN,
	    "without the intermediate one", "O=House");
}

static void
trust_is_what_is_in_the_file(void **state)
{
	const struct cert *anchors[] = {
	    &shelf.lonely, &shelf.by_intermediate, &shelf.intermediate};
	const struct cert *leaves[] = {
	    &shelf.lonely, &shelf.by_intermediate, &shelf.by_intermediate};
	struct meeting meeting;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		meeting = (struct meeting){.door.cert = leaves[i],
		    .settings.trust.pem = str_c(anchors[i]->pem)};
		meet(&meeting);
		assert_meeting(
		    "itself", &meeting, NET_CLIENT_NO_TROUBLE, "", "");
		/* Its name counts all the same. */
		meeting.host = "imap.example";
		meet(&meeting);
		assert_meeting(
		    "its name", &meeting, NET_CLIENT_NAME, "another name", "");
	}
	/* A self-signed one counts for itself only. */
	meeting = (struct meeting){.door.cert = &shelf.good,
	    .settings.trust.pem = str_c(shelf.lonely.pem)};
	meet(&meeting);
	assert_meeting("another", &meeting, NET_CLIENT_AUTHORITY, "", "");
}

static void
names_and_sni(void **state)
{
	const struct {
		const char *host, *name, *sni;
		enum net_client_trouble trouble;
	} rows[] = {
	    {"mail.example", "", "mail.example", NET_CLIENT_NO_TROUBLE},
	    {"mail.example.", "", "mail.example", NET_CLIENT_NO_TROUBLE},
	    {"inner.example", "mail.example", "inner.example",
	        NET_CLIENT_NO_TROUBLE},
	    {"mail.example", "other.example", "mail.example", NET_CLIENT_NAME},
	    {"127.0.0.2", "mail.example", "mail.example",
	        NET_CLIENT_NO_TROUBLE},
	    {"127.0.0.1", "", "", NET_CLIENT_NO_TROUBLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct meeting meeting = {.door.cert = &shelf.good,
		    .settings.name = str_c(rows[i].name),
		    .host = rows[i].host};

		meet(&meeting);
		assert_meeting(rows[i].host, &meeting, rows[i].trouble, "", "");
		assert_string_equal(meeting.sni, rows[i].sni);
	}
}

static void
less_than_full(void **state)
{
	struct meeting meeting = {.door.cert = &shelf.good,
	    .settings.check = NET_TLS_CHECK_CHAIN,
	    .host = "any.example"};

	(void)state;
	meet(&meeting);
	assert_meeting("any name", &meeting, NET_CLIENT_NO_TROUBLE, "", "");
	assert_int_equal(meeting.facts.check, NET_TLS_CHECK_CHAIN);
	meeting.door.cert = &shelf.by_unknown;
	meet(&meeting);
	assert_meeting("chain", &meeting, NET_CLIENT_AUTHORITY, "", "");
	meeting = (struct meeting){.door.cert = &shelf.expired,
	    .settings.check = NET_TLS_CHECK_OFF,
	    .settings.trust.pem = str_c(shelf.other.pem),
	    .host = "any.example"};
	meet(&meeting);
	assert_meeting("off", &meeting, NET_CLIENT_NO_TROUBLE, "", "");
	assert_int_equal(meeting.facts.check, NET_TLS_CHECK_OFF);
}

static void
pin_of(const struct cert *cert, unsigned char out[32])
{
	unsigned char *der = NULL;
	const int len = i2d_PUBKEY(cert->key, &der);

	ensure(len > 0 && EVP_Digest(der, (size_t)len, out, NULL, EVP_sha256(),
	                      NULL) == 1);
	OPENSSL_free(der);
}

static void
a_pin_stands_for_everything(void **state)
{
	unsigned char pin[32] = {0};
	struct meeting meeting = {.door.cert = &shelf.lonely,
	    .settings.key_pin = str_of((const char *)pin, 32),
	    .host = "any.example"};
	char hex[65];

	(void)state;
	pin_of(&shelf.lonely, pin);
	for (size_t i = 0; i < 2; i++) {
		meeting.door.max_version = versions[i];
		meet(&meeting);
		assert_meeting("pin", &meeting, NET_CLIENT_NO_TROUBLE, "", "");
		assert_true(meeting.facts.is_pinned);
	}
	for (size_t i = 0; i < 32; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", pin[i]);
	assert_string_equal(meeting.pin, hex);
	/* Another key, however well vouched for. */
	meeting.door.cert = &shelf.good;
	meeting.host = "mail.example";
	for (size_t i = 0; i < 2; i++) {
		meeting.door.max_version = versions[i];
		meet(&meeting);
		pin_of(&shelf.good, pin);
		assert_meeting("other key", &meeting, NET_CLIENT_PIN,
		    "not the key that was agreed on", "SHA-256 ");
		pin_of(&shelf.lonely, pin);
	}
}

static void
revocation(void **state)
{
	const struct {
		const char *name;
		const struct cert *cert;
		const char *crl;
		bool accept_stale;
		enum net_client_trouble trouble;
		const char *detail;
	} rows[] = {
	    {"fine", &shelf.good, shelf.crl, false, NET_CLIENT_NO_TROUBLE, ""},
	    {"revoked", &shelf.revoked, shelf.crl, false, NET_CLIENT_REVOKED,
	        "certificate revoked"},
	    {"stale", &shelf.good, shelf.stale_crl, false, NET_CLIENT_STALE_CRL,
	        "in crl.pem"},
	    {"stale, accepted", &shelf.good, shelf.stale_crl, true,
	        NET_CLIENT_NO_TROUBLE, ""},
	    {"revoked by a stale one", &shelf.revoked, shelf.stale_crl, true,
	        NET_CLIENT_REVOKED, ""},
	    {"another's list", &shelf.by_intermediate, shelf.crl, false,
	        NET_CLIENT_NO_CRL, "by CN=Intermediate, in crl.pem"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct meeting meeting = {.door.cert = rows[i].cert,
		    .door.chain = &shelf.intermediate,
		    .settings.trust.crl_pem = str_c(rows[i].crl),
		    .settings.trust.accept_stale_crl = rows[i].accept_stale};

		meet(&meeting);
		assert_meeting(rows[i].name, &meeting, rows[i].trouble, "",
		    rows[i].detail);
	}
}

static void
versions_and_ciphers(void **state)
{
	struct meeting meeting = {.door.cert = &shelf.good,
	    .settings.policy.min_version = NET_TLS_1_3,
	    .door.max_version = TLS1_2_VERSION};

	(void)state;
	/* OpenSSL refuses by an alert; it does not say what it has. */
	meet(&meeting);
	assert_meeting("only 1.2", &meeting, NET_CLIENT_PROTOCOL,
	    "no version of TLS", "TLS 1.3, which is required");
	meeting = (struct meeting){
	    .door.cert = &shelf.good, .door.max_version = TLS1_VERSION};
	meet(&meeting);
	assert_meeting("only 1.0", &meeting, NET_CLIENT_PROTOCOL,
	    "no version of TLS", "TLS 1.2 or TLS 1.3, which is required");
	meeting = (struct meeting){.door.cert = &shelf.good,
	    .door.max_version = TLS1_2_VERSION,
	    .door.ciphers = "ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0"};
	meet(&meeting);
	assert_meeting("old cipher", &meeting, NET_CLIENT_CIPHER,
	    "no way of encryption", "alert");
}

static void
our_certificate(void **state)
{
	struct secret key = cert_secret(shelf.client.key_pem);
	const struct net_tls_identity identity = {
	    .certificate_pem = str_c(shelf.client.pem),
	    .key_pem = &key,
	    .certificate_name = "our.pem",
	    .key_name = "our.key"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct meeting meeting = {.door.cert = &shelf.good,
		    .door.client = &shelf.root,
		    .door.max_version = versions[i]};

		meet(&meeting);
		assert_meeting("none", &meeting, NET_CLIENT_NO_IDENTITY,
		    "wants a certificate of this server", "");
		meeting.settings.identity = &identity;
		meeting.err = (struct err)ERR_NONE;
		meet(&meeting);
		assert_meeting("ours", &meeting, NET_CLIENT_NO_TROUBLE, "", "");
		meeting.door.client = &shelf.other;
		meet(&meeting);
		assert_meeting("not taken", &meeting, NET_CLIENT_BAD_IDENTITY,
		    "does not take the certificate of this server", "");
	}
	secret_end(&key);
}

static void
files_that_are_wrong(void **state)
{
	struct secret key = cert_secret(shelf.client.key_pem);
	struct secret other = cert_secret(shelf.good.key_pem);
	struct net_tls_identity identity = {
	    .certificate_pem = str_c(shelf.client.pem),
	    .key_pem = &other,
	    .certificate_name = "our.pem",
	    .key_name = "our.key"};
	struct net_tls_client_settings settings = {
	    .trust = {.pem = STR("nothing"), .name = "ca.pem"}};
	struct net_tls_client *tls = NULL;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(net_tls_client_new(&settings, &tls, &err), ERR_CONFIG);
	assert_non_null(strstr(err.message, "ca.pem"));
	settings.trust.pem = str_c(shelf.root.pem);
	settings.trust.crl_pem = str_c(shelf.root.pem);
	settings.trust.crl_name = "crl.pem";
	assert_int_equal(net_tls_client_new(&settings, &tls, &err), ERR_CONFIG);
	assert_non_null(strstr(err.message, "crl.pem"));
	settings.trust.crl_pem = STR("");
	settings.identity = &identity;
	assert_int_equal(net_tls_client_new(&settings, &tls, &err), ERR_CONFIG);
	assert_non_null(strstr(err.message, "our.key"));
	identity.key_pem = &key;
	identity.certificate_pem = STR("nothing");
	assert_int_equal(net_tls_client_new(&settings, &tls, &err), ERR_CONFIG);
	assert_non_null(strstr(err.message, "our.pem"));
	assert_null(tls);
	secret_end(&key);
	secret_end(&other);
}

static void
digests_tell_settings_apart(void **state)
{
	struct net_tls_client_settings settings = {
	    .trust = {.pem = str_c(shelf.root.pem), .name = "a"}};
	struct net_tls_client *one = NULL;
	struct net_tls_client *two = NULL;

	(void)state;
	assert_int_equal(net_tls_client_new(&settings, &one, NULL), ERR_OK);
	settings.trust.name = "b"; /* where it lies changes nothing */
	assert_int_equal(net_tls_client_new(&settings, &two, NULL), ERR_OK);
	assert_string_equal(
	    net_tls_client_digest(one), net_tls_client_digest(two));
	net_tls_client_unref(two);
	settings.check = NET_TLS_CHECK_OFF;
	assert_int_equal(net_tls_client_new(&settings, &two, NULL), ERR_OK);
	assert_string_not_equal(
	    net_tls_client_digest(one), net_tls_client_digest(two));
	net_tls_client_unref(two);
	net_tls_client_unref(one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_certificate_has_its_words),
	    cmocka_unit_test(a_house_we_trust_lacks_only_a_link),
	    cmocka_unit_test(trust_is_what_is_in_the_file),
	    cmocka_unit_test(names_and_sni),
	    cmocka_unit_test(less_than_full),
	    cmocka_unit_test(a_pin_stands_for_everything),
	    cmocka_unit_test(revocation),
	    cmocka_unit_test(versions_and_ciphers),
	    cmocka_unit_test(our_certificate),
	    cmocka_unit_test(files_that_are_wrong),
	    cmocka_unit_test(digests_tell_settings_apart),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
