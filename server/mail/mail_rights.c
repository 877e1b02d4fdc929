#include "mail/mail_rights.h"

#include "base/buf.h"

/* What nobody should take from themselves by mistake. */
#define RIGHTS_OWN_NEEDS (MAIL_RIGHT_SEE | MAIL_RIGHT_READ | MAIL_RIGHT_ADMIN)

static uint64_t
rights_bit(unsigned char letter)
{
	if (letter >= 'a' && letter <= 'z')
		return (uint64_t)1 << (letter - 'a');
	if (letter >= '0' && letter <= '9')
		return (uint64_t)1 << (letter - '0' + 26);
	return 0;
}

/*
 * "c" and "d" are virtual rights (RFC 4314, 2.1.1): a server may tell them
 * beside those they stand for.
 */
uint64_t
mail_rights_parse(struct str letters)
{
	const uint64_t make = MAIL_RIGHT('c');
	const uint64_t drop = MAIL_RIGHT('d');
	const uint64_t drops =
	    MAIL_RIGHT_DELETE | MAIL_RIGHT_EXPUNGE | MAIL_RIGHT_REMOVE;
	uint64_t rights = 0;

	for (size_t i = 0; i < letters.len; i++)
		rights |= rights_bit((unsigned char)letters.ptr[i]);
	if ((rights & make) != 0 && (rights & MAIL_RIGHT_CREATE) == 0)
		rights |= MAIL_RIGHT_CREATE;
	if ((rights & drop) != 0 && (rights & drops) == 0)
		rights |= drops;
	return rights & ~(make | drop);
}

struct str
mail_rights_letters(struct arena *arena, uint64_t rights, bool is_old)
{
	/* In the order of RFC 4314. */
	static const char order[] = "lrswipkxtea";
	const uint64_t news = MAIL_RIGHT_CREATE | MAIL_RIGHT_DELETE |
	                      MAIL_RIGHT_EXPUNGE | MAIL_RIGHT_REMOVE;
	uint64_t left = rights;
	struct buf out;

	buf_init_arena(&out, arena, 64);
	if (is_old)
		left &= ~news;
	for (size_t i = 0; order[i] != '\0'; i++) {
		uint64_t bit = rights_bit((unsigned char)order[i]);

		if ((left & bit) != 0)
			buf_add_byte(&out, order[i]);
		left &= ~bit;
	}
	if (is_old && (rights & MAIL_RIGHT_CREATE) != 0)
		buf_add_byte(&out, 'c');
	if (is_old && (rights & news & ~MAIL_RIGHT_CREATE) != 0)
		buf_add_byte(&out, 'd');
	for (unsigned i = 0; i < 36; i++)
		if ((left >> i & 1) != 0)
			buf_add_byte(
			    &out, (char)(i < 26 ? 'a' + i : '0' + (i - 26)));
	return buf_str(&out);
}

enum err_code
mail_rights_check_name(struct text name, struct err *err)
{
	struct str s = name.s;

	if (s.len == 0)
		return err_set(err, ERR_INPUT,
		    "Please type the name that person logs in with.", NULL);
	if (s.len > MAIL_RIGHTS_NAME_BYTES)
		return err_set(err, ERR_INPUT, "This name is too long.", NULL);
	for (size_t at = 0; at < s.len;) {
		uint32_t point = text_next(s, &at);

		if (point < 0x20 || (point >= 0x7F && point < 0xA0) ||
		    point == 0x2028 || point == 0x2029 || point == 0xFFFD)
			return err_set(err, ERR_INPUT,
			    "A name cannot have line breaks, tabs or other "
			    "control characters in it.",
			    NULL);
	}
	if (s.ptr[0] == '-')
		return err_set(err, ERR_INPUT,
		    "A name cannot begin with “-”: mail servers use that for "
		    "rights that are taken away.",
		    NULL);
	return ERR_OK;
}

bool
mail_rights_is_self(struct str name, struct str login)
{
	size_t name_at = str_find_byte(name, '@', 0);
	size_t login_at = str_find_byte(login, '@', 0);

	if (str_eq_nocase(name, login) || str_eq_nocase(name, STR("owner")))
		return true;
	/* One of the two may be without its domain, never both with another. */
	if ((name_at < name.len) == (login_at < login.len))
		return false;
	return str_eq_nocase(
	    str_slice(name, 0, name_at), str_slice(login, 0, login_at));
}

const struct mail_rights_row *
mail_rights_find(
    const struct mail_rights *rights, struct text who, bool is_negative)
{
	for (size_t i = 0; i < rights->count; i++) {
		const struct mail_rights_row *at = &rights->list[i];

		if (at->is_negative == is_negative && str_eq(at->who.s, who.s))
			return at;
	}
	return NULL;
}

/* Do one's own rows have these, whatever groups have? */
static bool
rights_has_own(const struct mail_rights *rights, uint64_t needed)
{
	for (size_t i = 0; i < rights->count; i++) {
		const struct mail_rights_row *at = &rights->list[i];

		if (at->is_self && !at->is_negative &&
		    (at->rights & needed) == needed)
			return true;
	}
	return false;
}

bool
mail_rights_locks_out(
    const struct mail_rights *rights, const struct mail_rights_row *row)
{
	uint64_t needed = rights->mine & RIGHTS_OWN_NEEDS;
	const struct mail_rights_row *before =
	    mail_rights_find(rights, row->who, row->is_negative);
	uint64_t known = before != NULL ? before->rights : 0;

	/* Who is in a group is not told: it may be the one who asks. */
	if (row->is_negative)
		return (row->rights & ~known & needed) != 0;
	if (row->is_self)
		return (row->rights & needed) != needed;
	return (known & ~row->rights & needed) != 0 &&
	       !rights_has_own(rights, needed);
}
