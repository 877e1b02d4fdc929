#include "net/net_tls_ticket.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "os/clock.h"

static struct net_tls_ticket_key *
keys_of(struct net_tls_tickets *tickets)
{
	/* Bytes only: no alignment to keep. */
	return (struct net_tls_ticket_key *)tickets->keys.ptr;
}

/* Under the lock: makes the keys those of now. */
static void
rotate(struct net_tls_tickets *tickets)
{
	struct net_tls_ticket_key *keys = keys_of(tickets);
	const int64_t now_ms = tickets->now_ms();
	const int64_t age_ms = now_ms - tickets->made_ms;

	if (tickets->made_ms != 0 && age_ms < tickets->life_ms)
		return;
	/* Nobody came for so long that even the newest has had both lives. */
	tickets->has_before =
	    tickets->made_ms != 0 && age_ms / 2 < tickets->life_ms;
	keys[1] = keys[0];
	secret_fill_random(&keys[0], sizeof(keys[0]));
	tickets->made_ms = now_ms;
}

/* 0: none has that name; 1: the new one; 2: the one before. */
static int
find(struct net_tls_tickets *tickets, const unsigned char *name,
    struct net_tls_ticket_key *out)
{
	const int count = tickets->has_before ? 2 : 1;

	for (int i = 0; i < count; i++) {
		const struct net_tls_ticket_key *key = &keys_of(tickets)[i];

		if (memcmp(key->name, name, sizeof(key->name)) == 0) {
			*out = *key;
			return i + 1;
		}
	}
	return 0;
}

static bool
set(const struct net_tls_tickets *tickets, const struct net_tls_ticket_key *key,
    const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
    bool is_sealing)
{
	unsigned char mac_key[NET_TLS_TICKET_KEY_BYTES];
	char digest[] = "SHA256";
	OSSL_PARAM params[3];
	bool is_fine = false;

	memcpy(mac_key, key->mac, sizeof(mac_key));
	params[0] = OSSL_PARAM_construct_octet_string(
	    OSSL_MAC_PARAM_KEY, mac_key, sizeof(mac_key));
	params[1] =
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
	params[2] = OSSL_PARAM_construct_end();
	is_fine = EVP_CipherInit_ex(cipher, tickets->cipher, NULL, key->cipher,
	              iv, is_sealing) == 1 &&
	          EVP_MAC_CTX_set_params(mac, params) == 1;
	secret_wipe(mac_key, sizeof(mac_key));
	return is_fine;
}

int
net_tls_tickets_answer(struct net_tls_tickets *tickets, unsigned char *name,
    unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
    bool is_sealing)
{
	struct net_tls_ticket_key key = {.name = {0}};
	int found = 1;

	lock_take(&tickets->lock);
	rotate(tickets);
	if (is_sealing)
		key = keys_of(tickets)[0];
	else
		found = find(tickets, name, &key);
	lock_give(&tickets->lock);
	if (is_sealing) {
		memcpy(name, key.name, sizeof(key.name));
		secret_fill_random(
		    iv, (size_t)EVP_CIPHER_get_iv_length(tickets->cipher));
	}
	if (found != 0 && !set(tickets, &key, iv, cipher, mac, is_sealing))
		found = -1;
	secret_wipe(&key, sizeof(key));
	return found;
}

enum err_code
net_tls_tickets_init(
    struct net_tls_tickets *tickets, int64_t life_ms, struct err *err)
{
	lock_init(&tickets->lock);
	tickets->life_ms = life_ms;
	tickets->now_ms = clock_mono_ms;
	tickets->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	if (tickets->cipher == NULL)
		return err_set(
		    err, ERR_INTERNAL, NULL, "OpenSSL has no AES-256-CBC");
	return secret_room(
	    &tickets->keys, 2 * sizeof(struct net_tls_ticket_key), err);
}

void
net_tls_tickets_end(struct net_tls_tickets *tickets)
{
	if (tickets == NULL)
		return;
	secret_end(&tickets->keys);
	EVP_CIPHER_free(tickets->cipher);
	lock_end(&tickets->lock);
}
