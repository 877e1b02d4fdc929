#include "grade.h"

#include "base/str.h"

/* From the best to the worst; T and M stand beside them. */
enum letter {
	LETTER_A_PLUS,
	LETTER_A,
	LETTER_A_MINUS,
	LETTER_B,
	LETTER_C,
	LETTER_D,
	LETTER_E,
	LETTER_F,
	LETTER_M,
	LETTER_T
};
static const char *const LETTERS[] = {
    "A+", "A", "A-", "B", "C", "D", "E", "F", "M", "T"};

#define INTERMEDIATE "EncryptionStrength=intermediate in [SSL]"
#define NEW_KEY                                                             \
	"a new key: iwebmsg-ssl csr --name NAME --out-dir NEWFOLDER, then " \
	"Certificate= and PrivateKey= in [SSL]"
#define NEW_CERTIFICATE                                                        \
	"a new certificate: iwebmsg-ssl csr --key-file KEY --name NAME, then " \
	"iwebmsg-ssl import ANSWER"
#define IN_FRONT "iwebmsgd never does this: look at what stands in front of it"

/* The facts that cap by themselves. The lowest first: so they are told. */
static const struct rule {
	size_t at; /* of a bool in struct grade_facts */
	enum letter letter;
	const char *why;
	const char *mend;
} RULES[] = {
/* A macro because offsetof must be a constant of the table. */
#define AT(member) offsetof(struct grade_facts, member)
    {AT(is_untrusted), LETTER_T, "the certificate is not trusted",
        "see the findings on the certificate; --root FILE names a private "
        "authority"},
    {AT(is_misnamed), LETTER_M, "the certificate is for other names",
        NEW_CERTIFICATE},
    {AT(is_revoked), LETTER_F, "the certificate is revoked", NEW_KEY},
    {AT(has_version[GRADE_SSL2]), LETTER_F, "SSL 2.0 is offered", IN_FRONT},
    {AT(has_anonymous), LETTER_F, "cipher suites without authentication",
        INTERMEDIATE},
    {AT(has_no_encryption), LETTER_F, "cipher suites without encryption",
        INTERMEDIATE},
    {AT(has_export), LETTER_F, "export cipher suites", INTERMEDIATE},
    {AT(has_tiny_dh), LETTER_F, "Diffie-Hellman below 1024 bits", INTERMEDIATE},
    {AT(has_tiny_key), LETTER_F, "a key below 1024 bits", NEW_KEY},
    {AT(has_md5), LETTER_F, "a signature with MD5", NEW_CERTIFICATE},
    {AT(has_sha1), LETTER_T, "a signature with SHA-1, which browsers refuse",
        NEW_CERTIFICATE},
    {AT(has_poodle), LETTER_C, "SSL 3.0 with a block cipher (POODLE)",
        "MinProtocol=TLSv1.2 in [SSL]"},
    {AT(has_compression), LETTER_C, "compression (CRIME)", IN_FRONT},
    {AT(has_rc4_new), LETTER_C, "RC4 with TLS 1.1 or newer", INTERMEDIATE},
    {AT(has_small_block), LETTER_C,
        "3DES or another cipher of 64 bit blocks (SWEET32)", INTERMEDIATE},
    {AT(has_version[GRADE_SSL3]), LETTER_B, "SSL 3.0 is offered",
        "MinProtocol=TLSv1.2 in [SSL]"},
    {AT(has_version[GRADE_TLS1_0]), LETTER_B, "TLS 1.0 is offered",
        "MinProtocol=TLSv1.2 in [SSL]"},
    {AT(has_version[GRADE_TLS1_1]), LETTER_B, "TLS 1.1 is offered",
        "MinProtocol=TLSv1.2 in [SSL]"},
    {AT(has_rc4_old), LETTER_B, "RC4", INTERMEDIATE},
    {AT(has_short_dh), LETTER_B, "Diffie-Hellman below 2048 bits",
        INTERMEDIATE},
    {AT(has_short_key), LETTER_B, "a key below 2048 bits of RSA or 256 of EC",
        NEW_KEY},
    {AT(is_incomplete), LETTER_B, "the chain is incomplete",
        "iwebmsg-ssl import CERTIFICATE --fetch-chain --key-file KEY --cert "
        "CERTIFICATE --force"},
    {AT(lacks_secure_renegotiation), LETTER_A_MINUS,
        "no secure renegotiation (RFC 5746)", IN_FRONT},
#undef AT
};

static bool
fact(const struct grade_facts *facts, const struct rule *rule)
{
	return *(const bool *)((const char *)facts + rule->at);
}

static unsigned
protocol_score(const struct grade_facts *facts)
{
	static const unsigned scores[GRADE_VERSION_COUNT] = {
	    0, 80, 90, 95, 100, 100};
	unsigned best = 0;
	unsigned worst = 100;

	for (int i = 0; i < GRADE_VERSION_COUNT; i++) {
		if (!facts->has_version[i])
			continue;
		best = scores[i] > best ? scores[i] : best;
		worst = scores[i] < worst ? scores[i] : worst;
	}
	return best == 0 ? 0 : (best + worst) / 2;
}

static unsigned
exchange_score(const struct grade_facts *facts)
{
	unsigned bits = facts->exchange_bits;

	if (bits == 0)
		return 0;
	if (bits < 512)
		return 20;
	if (bits < 1024 || facts->has_export)
		return 40;
	if (bits < 2048)
		return 80;
	return bits < 4096 ? 90 : 100;
}

static unsigned
bits_score(unsigned bits)
{
	if (bits == 0)
		return 0;
	if (bits < 128)
		return 20;
	return bits < 256 ? 80 : 100;
}

static enum letter
letter_of(unsigned total)
{
	static const unsigned least[] = {80, 65, 50, 35, 20};
	static const enum letter letters[] = {
	    LETTER_A, LETTER_B, LETTER_C, LETTER_D, LETTER_E};

	for (size_t i = 0; i < sizeof(least) / sizeof(least[0]); i++)
		if (total >= least[i])
			return letters[i];
	return LETTER_F;
}

static void
score(const struct grade_facts *facts, struct grade *out)
{
	out->protocol = protocol_score(facts);
	out->exchange = exchange_score(facts);
	out->cipher = (bits_score(facts->cipher_bits_least) +
	                  bits_score(facts->cipher_bits_most)) /
	              2;
	/* "A zero in any category gives a total score of zero." */
	if (out->protocol != 0 && out->exchange != 0 && out->cipher != 0)
		out->total = (out->protocol * 30 + out->exchange * 30 +
		                 out->cipher * 40) /
		             100;
}

/* The worse of two, when T and M do not count. */
static void
cap(struct grade *out, enum letter letter, const char *why, const char *mend,
    enum letter *grade)
{
	if (letter > *grade && letter < LETTER_M)
		*grade = letter;
	if (out->cap_count < GRADE_CAPS_MAX)
		out->caps[out->cap_count++] = (struct grade_cap){
		    .letter = LETTERS[letter], .why = why, .mend = mend};
}

static void
cap_by_lack(
    const struct grade_facts *facts, struct grade *out, enum letter *grade)
{
	const bool *has = facts->has_version;

	if (!has[GRADE_TLS1_2] && !has[GRADE_TLS1_3])
		cap(out, LETTER_C, "neither TLS 1.2 nor TLS 1.3",
		    "MaxProtocol=TLSv1.3 in [SSL]", grade);
	if (!facts->has_secrecy)
		cap(out, LETTER_B, "no forward secrecy", INTERMEDIATE, grade);
	if (!facts->has_aead)
		cap(out, LETTER_B, "no AEAD cipher suite", INTERMEDIATE, grade);
	if (!has[GRADE_TLS1_3])
		cap(out, LETTER_A_MINUS, "no TLS 1.3",
		    "MaxProtocol=TLSv1.3 in [SSL]", grade);
}

/* "A+: A, with HSTS of long duration and no warnings." */
static void
cap_by_plus(
    const struct grade_facts *facts, struct grade *out, enum letter *grade)
{
	if (!facts->is_http)
		cap(out, LETTER_A, "A+ is for web servers with HSTS only", NULL,
		    grade);
	else if (facts->is_silent)
		cap(out, LETTER_A, "no answer in HTTP, so HSTS cannot be seen",
		    NULL, grade);
	else if (!facts->has_hsts)
		cap(out, LETTER_A, "no Strict-Transport-Security (HSTS)",
		    facts->is_self_signed
		        ? "an authority's certificate, and ForceSSL=1 in "
		          "[SSL]; HSTS is never sent with a self-signed one"
		        : "ForceSSL=1 in [SSL]",
		    grade);
	else if (facts->hsts_age_s < GRADE_HSTS_S)
		cap(out, LETTER_A, "HSTS for less than 180 days",
		    "HstsMaxAge=180d in [SSL]", grade);
	if (facts->lacks_fallback)
		cap(out, LETTER_A,
		    "no protection from downgrades (TLS_FALLBACK_SCSV)",
		    IN_FRONT, grade);
	if (facts->has_warning)
		cap(out, LETTER_A, "something above is marked BAD", "see there",
		    grade);
}

void
grade_of(const struct grade_facts *facts, struct grade *out)
{
	enum letter grade = LETTER_A;
	enum letter beside = LETTER_A;

	*out = (struct grade){0};
	score(facts, out);
	grade = letter_of(out->total);
	if (grade == LETTER_A)
		grade = LETTER_A_PLUS;
	for (size_t i = 0; i < sizeof(RULES) / sizeof(RULES[0]); i++) {
		if (!fact(facts, &RULES[i]))
			continue;
		cap(out, RULES[i].letter, RULES[i].why, RULES[i].mend, &grade);
		if (RULES[i].letter > beside && RULES[i].letter >= LETTER_M)
			beside = RULES[i].letter;
	}
	cap_by_lack(facts, out, &grade);
	cap_by_plus(facts, out, &grade);
	out->if_trusted = LETTERS[grade];
	out->letter = LETTERS[beside >= LETTER_M ? beside : grade];
}

bool
grade_is_good(const struct grade *grade)
{
	return grade->letter[0] == 'A';
}
