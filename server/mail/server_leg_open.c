#include "mail/server.h"

enum {
	ADVICE_BYTES = 240
};

/* What to do; * stands for Imap or Smtp. */
static const char *const advice[NET_CLIENT_TROUBLES] = {
    [NET_CLIENT_NAME] = "set *Host or *VerifyName to one of its names",
    [NET_CLIENT_AUTHORITY] =
        /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): it is long */
    "name its authority in MailTrustStore or *CA; see iwebmsg-ssl "
    "trust fetch",
    [NET_CLIENT_SELF_SIGNED] =
        "put this certificate itself into *CA, or its key into "
        "*KeyPin; see iwebmsg-ssl trust fetch",
    [NET_CLIENT_EXPIRED] = "renew it on the mail server",
    [NET_CLIENT_NOT_YET] = "check the clocks of both machines",
    [NET_CLIENT_REVOKED] = "renew it on the mail server",
    [NET_CLIENT_STALE_CRL] =
        "fetch a fresh list for *CRL, or set StaleCRL=accept",
    [NET_CLIENT_NO_CRL] = "add the list of this authority to *CRL",
    [NET_CLIENT_WEAK_KEY] =
        "make a key of RSA 2048, EC P-256 or better on the mail server",
    [NET_CLIENT_WEAK_HASH] = "renew it with SHA-256 on the mail server",
    [NET_CLIENT_CHAIN] = "let the mail server send it, or put it into *CA",
    [NET_CLIENT_PIN] =
        "if the server's key was changed on purpose, set *KeyPin anew",
    [NET_CLIENT_PROTOCOL] =
        "see *MinProtocol and *MaxProtocol, or mend the mail server",
    [NET_CLIENT_CIPHER] = "see *EncryptionStrength, or mend the mail server",
    [NET_CLIENT_NOT_TLS] =
        "it greets in clear: set *Security=starttls, or the port for TLS",
    [NET_CLIENT_NO_IDENTITY] = "set *Certificate and *PrivateKey",
    [NET_CLIENT_BAD_IDENTITY] =
        "see *Certificate, and whom the mail server trusts",
    [NET_CLIENT_UNKNOWN_NAME] = "set *Host to the name it has",
};

/* The advice with the leg's own word. */
static void
leg_advice(
    const struct mail_server_leg *leg, const char *words, char *buf, size_t len)
{
	size_t at = 0;

	for (; *words != '\0' && at + 1 < len; words++) {
		if (*words != '*') {
			buf[at++] = *words;
			continue;
		}
		for (const char *c = leg->word; *c != '\0' && at + 1 < len; c++)
			buf[at++] = *c;
	}
	buf[at] = '\0';
}

static void
leg_add_detail(
    const struct mail_server_leg *leg, const char *words, struct err *err)
{
	char done[ERR_DETAIL_BYTES];
	char advice_words[ADVICE_BYTES];

	leg_advice(leg, words, advice_words, sizeof(advice_words));
	(void)snprintf(
	    done, sizeof(done), "%.250s; %s", err->detail, advice_words);
	(void)snprintf(err->detail, sizeof(err->detail), "%s", done);
}

void
server_leg_advise(const struct mail_server_leg *leg,
    const struct net_client *client, struct err *err)
{
	const char *words = advice[net_client_trouble(client)];

	if (words != NULL && err != NULL)
		leg_add_detail(leg, words, err);
}

/* net speaks of "the mail server"; people have two. */
static enum err_code
leg_err(const struct mail_server_leg *leg, enum err_code rc,
    const struct err *why, struct err *err)
{
	const struct str all = STR("The mail server");
	const struct str message = str_c(why->message);
	char words[ERR_MESSAGE_BYTES];

	if (leg->word[0] != 'S' || !str_starts(message, all))
		return err_set(err, rc, why->message, why->detail);
	(void)snprintf(words, sizeof(words), "The server for outgoing mail%s",
	    why->message + all.len);
	return err_set(err, rc, words, why->detail);
}

enum err_code
server_leg_open(const struct mail_server_leg *leg, int64_t deadline_mono_ms,
    struct cancel *cancel, struct net_client **out, struct err *err)
{
	struct err why = ERR_NONE;
	enum err_code rc = net_client_open_by(&leg->proxy, leg->host, leg->port,
	    deadline_mono_ms, cancel, out, &why);

	return rc == ERR_OK ? ERR_OK : leg_err(leg, rc, &why, err);
}

/* Bytes in clear where encryption begins. */
static enum err_code
leg_clear(
    const struct mail_server_leg *leg, bool after_starttls, struct err *err)
{
	struct err why = ERR_NONE;
	enum err_code rc = ERR_TRUST;

	if (after_starttls) {
		(void)err_set(&why, rc,
		    "The mail server, or somebody on the way to it, sent "
		    "something in clear where encryption begins, so nothing "
		    "was sent to it. Please tell the administrator.",
		    "plaintext after STARTTLS");
	} else {
		rc = ERR_AWAY;
		(void)err_set(&why, rc,
		    "The mail server does not speak TLS on this port. Please "
		    "tell the administrator.",
		    "plaintext before the TLS handshake");
		leg_add_detail(leg, advice[NET_CLIENT_NOT_TLS], &why);
	}
	return leg_err(leg, rc, &why, err);
}

enum err_code
server_leg_tampered(const struct mail_server_leg *leg, struct err *err)
{
	return leg_clear(leg, true, err);
}

enum err_code
server_leg_secure(const struct mail_server_leg *leg, struct net_client *client,
    bool after_starttls, struct err *err)
{
	struct err why = ERR_NONE;
	enum err_code rc = ERR_OK;

	if (leg->tls == NULL)
		return err_set(err, ERR_INTERNAL, NULL, "no TLS settings");
	rc = net_client_start_tls(client, leg->tls, leg->host, &why);
	if (rc == ERR_OK)
		return ERR_OK;
	/* They may have come before our first word, or a moment later. */
	if (rc == ERR_FORBIDDEN ||
	    net_client_trouble(client) == NET_CLIENT_NOT_TLS)
		return leg_clear(leg, after_starttls, err);
	server_leg_advise(leg, client, &why);
	return leg_err(leg, rc, &why, err);
}

enum err_code
server_leg_lost(const struct mail_server_leg *leg,
    const struct net_client *client, bool is_greeting, struct err *err)
{
	struct err why = ERR_NONE;
	enum err_code rc = net_client_error(client, &why);

	if (rc == ERR_OK)
		rc = err_set(&why, ERR_AWAY,
		    "The mail server closed the connection.", "closed");
	server_leg_advise(leg, client, &why);
	if (rc == ERR_AWAY && is_greeting &&
	    leg->security != CONFIG_SECURITY_TLS)
		leg_add_detail(leg,
		    "no greeting came; if it speaks TLS from the start on this "
		    "port, set *Security=tls",
		    &why);
	return leg_err(leg, rc, &why, err);
}

enum err_code
server_leg_speaks_tls(const struct mail_server_leg *leg, struct err *err)
{
	struct err why = ERR_NONE;

	(void)err_set(&why, ERR_MAIL,
	    "The mail server speaks TLS from the start on this port, which is "
	    "not what is configured. Please tell the administrator.",
	    "TLS instead of a greeting");
	leg_add_detail(
	    leg, "set *Security=tls, or the port for starttls", &why);
	return leg_err(leg, ERR_MAIL, &why, err);
}
