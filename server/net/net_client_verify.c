#include "net/net_client_verify.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/net_client_inside.h"
#include "net/net_tls_client.h"

enum {
	NAMES_BYTES = 200,
	ISSUER_BYTES = 160
};

/* What is wrong, for people: "The mail server's certificate …" */
static const char *const trust_words[] = {
    [NET_CLIENT_NAME] = "is for another name",
    [NET_CLIENT_AUTHORITY] = "is from an authority that is not trusted here",
    [NET_CLIENT_SELF_SIGNED] =
        "is vouched for by nobody but itself (self-signed)",
    [NET_CLIENT_EXPIRED] = "has expired",
    [NET_CLIENT_NOT_YET] = "is not valid yet",
    [NET_CLIENT_REVOKED] = "has been revoked",
    [NET_CLIENT_STALE_CRL] =
        "cannot be checked: the list of revoked ones is out of date",
    [NET_CLIENT_NO_CRL] =
        "cannot be checked: its authority's list of revoked ones is missing",
    [NET_CLIENT_WEAK_KEY] = "has a key that is too weak",
    [NET_CLIENT_WEAK_HASH] = "is signed in a way that is too weak",
    [NET_CLIENT_CHAIN] =
        "comes without the intermediate one that vouches for it",
    [NET_CLIENT_PIN] = "has not the key that was agreed on",
    [NET_CLIENT_BAD] = "cannot be trusted",
};

/* OpenSSL's verdict as one of ours. */
static enum net_client_trouble
trouble_of(int verdict)
{
	static const struct {
		int verdict;
		enum net_client_trouble trouble;
	} rows[] = {
	    {X509_V_ERR_HOSTNAME_MISMATCH, NET_CLIENT_NAME},
	    {X509_V_ERR_IP_ADDRESS_MISMATCH, NET_CLIENT_NAME},
	    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, NET_CLIENT_SELF_SIGNED},
	    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, NET_CLIENT_AUTHORITY},
	    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, NET_CLIENT_AUTHORITY},
	    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
	        NET_CLIENT_AUTHORITY},
	    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, NET_CLIENT_AUTHORITY},
	    {X509_V_ERR_CERT_UNTRUSTED, NET_CLIENT_AUTHORITY},
	    {X509_V_ERR_CERT_HAS_EXPIRED, NET_CLIENT_EXPIRED},
	    {X509_V_ERR_CERT_NOT_YET_VALID, NET_CLIENT_NOT_YET},
	    {X509_V_ERR_CERT_REVOKED, NET_CLIENT_REVOKED},
	    {X509_V_ERR_CRL_HAS_EXPIRED, NET_CLIENT_STALE_CRL},
	    {X509_V_ERR_CRL_NOT_YET_VALID, NET_CLIENT_STALE_CRL},
	    {X509_V_ERR_UNABLE_TO_GET_CRL, NET_CLIENT_NO_CRL},
	    {X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, NET_CLIENT_NO_CRL},
	    {X509_V_ERR_EE_KEY_TOO_SMALL, NET_CLIENT_WEAK_KEY},
	    {X509_V_ERR_CA_KEY_TOO_SMALL, NET_CLIENT_WEAK_KEY},
	    {X509_V_ERR_CA_MD_TOO_WEAK, NET_CLIENT_WEAK_HASH},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].verdict == verdict)
			return rows[i].trouble;
	return NET_CLIENT_BAD;
}

/* ---- is it the authority or an intermediate certificate that is missing?
 */

/* It says where its issuer's certificate is to be had (RFC 5280, 4.2.2.1). */
static bool
has_issuer_address(const X509 *certificate)
{
	AUTHORITY_INFO_ACCESS *info =
	    X509_get_ext_d2i(certificate, NID_info_access, NULL, NULL);
	bool is_found = false;

	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(info); i++) {
		const ACCESS_DESCRIPTION *one =
		    sk_ACCESS_DESCRIPTION_value(info, i);

		if (OBJ_obj2nid(one->method) == NID_ad_ca_issuers)
			is_found = true;
	}
	AUTHORITY_INFO_ACCESS_free(info);
	return is_found;
}

/* The organisation of a name, borrowed; NULL without. */
static const ASN1_STRING *
organisation(const X509_NAME *name)
{
	const int at =
	    X509_NAME_get_index_by_NID(name, NID_organizationName, -1);

	return at < 0 ? NULL
	              : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
}

/* An authority we trust is of the organisation that issued it. */
static bool
is_of_trusted_house(X509_STORE *store, const X509 *certificate)
{
	const ASN1_STRING *house =
	    organisation(X509_get_issuer_name(certificate));
	const STACK_OF(X509_OBJECT) *objects = NULL;
	bool is_found = false;

	if (house == NULL || X509_STORE_lock(store) != 1)
		return false;
	objects = X509_STORE_get0_objects(store);
	for (int i = 0; i < sk_X509_OBJECT_num(objects) && !is_found; i++) {
		const X509 *one =
		    X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
		const ASN1_STRING *theirs =
		    one == NULL ? NULL
		                : organisation(X509_get_subject_name(one));

		is_found =
		    theirs != NULL && ASN1_STRING_cmp(house, theirs) == 0;
	}
	(void)X509_STORE_unlock(store);
	return is_found;
}

static bool
is_chain_cut(X509_STORE_CTX *context)
{
	const X509 *top = X509_STORE_CTX_get_current_cert(context);

	if (top == NULL || X509_STORE_CTX_get_error(context) ==
	                       X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)
		return false;
	return (X509_STORE_CTX_get_error_depth(context) == 0 &&
	           has_issuer_address(top)) ||
	       is_of_trusted_house(X509_STORE_CTX_get0_store(context), top);
}

/* ---- words for the admin ----
 */

static void
say_names(
    const struct net_client *client, const X509 *leaf, char *buf, size_t len)
{
	char names[NAMES_BYTES];

	net_x509_alt_names(leaf, names, sizeof(names));
	if (names[0] == '\0')
		(void)snprintf(buf, len,
		    "the certificate names no host (it has no subjectAltName; "
		    "a common name does not count), so it is not for %s",
		    client->checked_name);
	else
		(void)snprintf(buf, len,
		    "the certificate is for %s, not for %s", names,
		    client->checked_name);
}

static void
say_dates(const X509 *certificate, enum net_client_trouble trouble, int depth,
    char *buf, size_t len)
{
	char day[NET_X509_DATE_BYTES];
	const bool is_past = trouble == NET_CLIENT_EXPIRED;

	net_x509_date(is_past ? X509_get0_notAfter(certificate)
	                      : X509_get0_notBefore(certificate),
	    day);
	(void)snprintf(buf, len, "%s %s %s",
	    depth == 0 ? "the certificate"
	               : "the certificate of an authority in its chain",
	    is_past ? "expired on" : "is not valid before", day);
}

static void
say_rest(const struct net_client *client, X509_STORE_CTX *context,
    const X509 *certificate, char *buf, size_t len)
{
	const int verdict = X509_STORE_CTX_get_error(context);
	const char *words = X509_verify_cert_error_string(verdict);
	const char *crl = client->tls->crl_name;
	char issuer[ISSUER_BYTES];

	net_x509_name(
	    X509_get_issuer_name(certificate), issuer, sizeof(issuer));
	if (client->trouble == NET_CLIENT_STALE_CRL ||
	    client->trouble == NET_CLIENT_NO_CRL)
		(void)snprintf(buf, len, "%s, by %s, in %s", words, issuer,
		    crl == NULL ? "" : crl);
	else if (client->trouble == NET_CLIENT_CHAIN)
		(void)snprintf(buf, len,
		    "the server does not send the certificate of its issuer "
		    "%s",
		    issuer);
	else
		(void)snprintf(buf, len, "%s; issued by %s", words, issuer);
}

/* Keeps the words while the certificates are at hand. */
static void
note_trouble(struct net_client *client, X509_STORE_CTX *context)
{
	const int verdict = X509_STORE_CTX_get_error(context);
	const int depth = X509_STORE_CTX_get_error_depth(context);
	const X509 *leaf = X509_STORE_CTX_get0_cert(context);
	const X509 *current = X509_STORE_CTX_get_current_cert(context);
	char detail[ERR_DETAIL_BYTES];

	if (current == NULL)
		current = leaf;
	client->trouble = trouble_of(verdict);
	if (client->trouble == NET_CLIENT_AUTHORITY && is_chain_cut(context))
		client->trouble = NET_CLIENT_CHAIN;
	if (client->trouble == NET_CLIENT_NAME)
		say_names(client, leaf, detail, sizeof(detail));
	else if (client->trouble == NET_CLIENT_EXPIRED ||
	         client->trouble == NET_CLIENT_NOT_YET)
		say_dates(
		    current, client->trouble, depth, detail, sizeof(detail));
	else
		say_rest(client, context, current, detail, sizeof(detail));
	net_client_distrust(client, detail);
}

void
net_client_distrust(struct net_client *client, const char *detail)
{
	char message[ERR_MESSAGE_BYTES];

	(void)snprintf(message, sizeof(message),
	    "The mail server's certificate %s, so nothing was sent to it. "
	    "Please tell the administrator.",
	    trust_words[client->trouble]);
	(void)net_client_fail(client, ERR_TRUST, message, detail);
}

/* ---- the question ---- */

static int
check_pin(struct net_client *client, X509_STORE_CTX *context)
{
	unsigned char pin[NET_X509_PIN_BYTES];
	char detail[160];
	char hex[2 * NET_X509_PIN_BYTES + 1] = "";
	const X509 *leaf = X509_STORE_CTX_get0_cert(context);

	if (leaf != NULL && net_x509_pin(leaf, pin)) {
		if (CRYPTO_memcmp(pin, client->tls->pin, sizeof(pin)) == 0) {
			client->facts.is_pinned = true;
			return 1;
		}
		for (size_t i = 0; i < sizeof(pin); i++)
			(void)snprintf(hex + 2 * i, 3, "%02x", pin[i]);
	}
	client->trouble = NET_CLIENT_PIN;
	(void)snprintf(detail, sizeof(detail),
	    "its public key is another one than the pinned: SHA-256 %s", hex);
	net_client_distrust(client, detail);
	X509_STORE_CTX_set_error(context, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

int
net_client_verify(X509_STORE_CTX *context, void *ctx)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(
	    context, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct net_client *client = SSL_get_app_data(ssl);
	int is_good = 1;

	(void)ctx;
	if (client->tls->has_pin)
		is_good = check_pin(client, context);
	else if (client->tls->check != NET_TLS_CHECK_OFF &&
	         X509_verify_cert(context) != 1) {
		is_good = 0;
		note_trouble(client, context);
		if (X509_STORE_CTX_get_error(context) == X509_V_OK)
			X509_STORE_CTX_set_error(
			    context, X509_V_ERR_UNSPECIFIED);
	}
	if (is_good == 1)
		X509_STORE_CTX_set_error(context, X509_V_OK);
	return is_good;
}
