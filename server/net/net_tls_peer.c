#include <openssl/objects.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "net/net_tls_inside.h"
#include "net/net_tls_text.h"
#include "net/net_x509.h"

enum {
	TEXTS = 6,
	ARENA_BYTES = 64 << 10
};

/* Static words for the group of a key exchange. */
static const char *
group_of(SSL *ssl)
{
	static const struct {
		int nid;
		const char *name;
	} names[] = {
	    {NID_X25519, "X25519"},
	    {NID_X448, "X448"},
	    {NID_X9_62_prime256v1, "P-256"},
	    {NID_secp384r1, "P-384"},
	    {NID_secp521r1, "P-521"},
	};
	const int nid = (int)SSL_get_negotiated_group(ssl);
	const char *known = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].nid == nid)
			return names[i].name;
	}
	if (nid != NID_undef && nid < TLSEXT_nid_unknown)
		known = OBJ_nid2sn(nid);
	return known == NULL ? "" : known;
}

/*
 * Copies the texts into one block, and lets the record point there. All are
 * freed together with the connection, and none is allocated for "".
 */
static bool
pack(const char **const *fields, const char *const *texts, char **out)
{
	size_t bytes = 0;
	char *at = NULL;

	for (size_t i = 0; i < TEXTS; i++) {
		*fields[i] = "";
		if (texts[i] == NULL)
			return false;
		if (texts[i][0] != '\0')
			bytes += strlen(texts[i]) + 1;
	}
	if (bytes == 0)
		return true;
	*out = malloc(bytes);
	if (*out == NULL)
		return false;
	at = *out;
	for (size_t i = 0; i < TEXTS; i++) {
		const size_t len = strlen(texts[i]);

		if (len == 0)
			continue;
		memcpy(at, texts[i], len + 1);
		*fields[i] = at;
		at += len + 1;
	}
	return true;
}

static bool
note_texts(const struct net_tls_shake *shake, X509 *x509,
    struct net_tls_peer *out, char **out_texts)
{
	CLEANUP(arena_free_at)
	struct arena *arena = x509 == NULL ? NULL : arena_new(ARENA_BYTES);
	const char **const fields[TEXTS] = {&out->host, &out->subject,
	    &out->common_name, &out->email, &out->issuer,
	    &out->fingerprint_sha256};
	const char *texts[TEXTS] = {shake->place->host.ptr, "", "", "", "", ""};

	if (x509 != NULL && arena == NULL)
		return false;
	if (x509 != NULL) {
		out->not_after_s = net_x509_time(X509_get0_notAfter(x509));
		texts[1] =
		    net_tls_text_name(arena, X509_get_subject_name(x509));
		texts[2] = net_tls_text_common_name(arena, x509);
		texts[3] = net_tls_text_email(arena, x509);
		texts[4] = net_tls_text_name(arena, X509_get_issuer_name(x509));
		texts[5] = net_tls_text_fingerprint(arena, x509);
	}
	return pack(fields, texts, out_texts);
}

bool
net_tls_peer_fill(const struct net_tls_shake *shake, SSL *ssl,
    struct net_tls_peer *out, char **out_texts)
{
	const char *reason = "";

	*out_texts = NULL;
	if (shake->reason != X509_V_OK)
		reason = X509_verify_cert_error_string(shake->reason);
	*out = (struct net_tls_peer){
	    .protocol = SSL_get_version(ssl),
	    .cipher = SSL_get_cipher_name(ssl),
	    .group = group_of(ssl),
	    .is_resumed = SSL_session_reused(ssl) == 1,
	    .is_proxy = shake->is_proxy,
	    .verify = shake->place->verify,
	    .verdict = shake->verdict,
	    .reason = reason,
	};
	return note_texts(
	    shake, SSL_get0_peer_certificate(ssl), out, out_texts);
}
