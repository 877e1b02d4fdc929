#include "mime/mime_pgp.h"

#include "base/buf.h"

enum pgp_place {
	PGP_OUTSIDE,
	PGP_HEADERS,   /* "Hash: SHA256", up to an empty line */
	PGP_SIGNED,    /* the text that is signed */
	PGP_SIGNATURE, /* left out, like what is encrypted */
	PGP_ENCRYPTED
};

static bool
is_line(struct str line, const char *words)
{
	while (line.len > 0 && (line.ptr[line.len - 1] == ' ' ||
	                           line.ptr[line.len - 1] == '\t'))
		line.len--;
	return str_eq(line, str_c(words));
}

/* Where the next line stands; this one may be a mark. */
static enum pgp_place
next_place(enum pgp_place now, struct str line, struct mime_pgp *out)
{
	switch (now) {
	case PGP_OUTSIDE:
		if (is_line(line, "-----BEGIN PGP SIGNED MESSAGE-----")) {
			out->is_signed = true;
			return PGP_HEADERS;
		}
		if (is_line(line, "-----BEGIN PGP MESSAGE-----")) {
			out->is_encrypted = true;
			return PGP_ENCRYPTED;
		}
		return PGP_OUTSIDE;
	case PGP_HEADERS:
		return str_trim(line).len == 0 ? PGP_SIGNED : PGP_HEADERS;
	case PGP_SIGNED:
		return is_line(line, "-----BEGIN PGP SIGNATURE-----")
		           ? PGP_SIGNATURE
		           : PGP_SIGNED;
	case PGP_SIGNATURE:
		return is_line(line, "-----END PGP SIGNATURE-----")
		           ? PGP_OUTSIDE
		           : PGP_SIGNATURE;
	case PGP_ENCRYPTED:
	default:
		return is_line(line, "-----END PGP MESSAGE-----")
		           ? PGP_OUTSIDE
		           : PGP_ENCRYPTED;
	}
}

struct mime_pgp
mime_pgp_read(struct arena *arena, struct text text)
{
	struct mime_pgp pgp = {.text = text};
	enum pgp_place place = PGP_OUTSIDE;
	struct str rest = text.s;
	struct buf out;

	if (str_find(rest, STR("-----BEGIN PGP "), 0) == rest.len)
		return pgp;
	buf_init_arena(&out, arena, text.s.len + 1);
	while (rest.len > 0) {
		struct str line = str_cut(&rest, '\n');
		enum pgp_place next = next_place(place, line, &pgp);
		bool is_text = next == place &&
		               (place == PGP_OUTSIDE || place == PGP_SIGNED);
		/* RFC 9580, 7.1: dashes are escaped. */
		if (place == PGP_SIGNED && str_starts(line, STR("- ")))
			line = str_slice(line, 2, line.len);
		if (is_text) {
			buf_add(&out, line);
			buf_add_byte(&out, '\n');
		}
		place = next;
	}
	if (out.failed == ERR_OK)
		pgp.text = (struct text){buf_str(&out)};
	return pgp;
}
