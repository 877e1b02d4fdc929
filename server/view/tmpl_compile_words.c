/* Words of a template in a language: compiled once, so they cost nothing. */
#include "base/log.h"
#include "view/tmpl_compile.h"
#include "view/tmpl_words.h"

static enum err_code
words_wrong(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token, const char *wrong)
{
	return tmpl_lex_error(lex, token->line, compile->err, wrong, token->s);
}

/* What the language has for these words, or NULL. */
static const struct tr_entry *
words_entry(const struct tmpl_compile *compile, const struct tmpl_words *words,
    struct str context)
{
	const struct str parts[] = {context, STR("\4"), words->key};

	if (compile->words == NULL)
		return NULL;
	return tr_words_find(compile->words,
	    context.len == 0 ? words->key : str_join(compile->arena, parts, 3));
}

/* Shown in English, to be counted each time. */
static enum err_code
words_missing(struct tmpl_compile *compile, const struct tmpl_words *words)
{
	struct tmpl_step *step;
	enum err_code rc = ERR_OK;

	if (compile->words == NULL || compile->words->number == 0)
		return ERR_OK;
	rc = tmpl_compile_flush(compile);
	if (rc != ERR_OK)
		return rc;
	step = tmpl_compile_add(compile, TMPL_STEP_MISSING);
	if (step == NULL)
		return tmpl_compile_no_memory(compile);
	step->literal = words->key;
	return ERR_OK;
}

/* What is written becomes what a template would say. */
static enum err_code
words_compile(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token, struct str source)
{
	struct tmpl_lex inner = tmpl_lex_of(lex->file, source);

	inner.line = token->line;
	return tmpl_compile_tokens(compile, &inner);
}

/* The translation as source; ptr NULL: there is none that fits. */
static struct str
words_filled(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token, const struct tmpl_words *words,
    struct str translation)
{
	struct buf filled;
	const char *wrong;

	buf_init_arena(&filled, compile->arena, LIMIT_TEMPLATE_BYTES);
	wrong = tmpl_words_fill(words, translation, &filled);
	if (wrong == NULL)
		return buf_str(&filled);
	log_event(LOG_WARN, "words.refused",
	    LOG_C("language", compile->words->code), LOG_STR("file", lex->file),
	    LOG_U64("line", token->line), LOG_C("reason", wrong));
	return str_of(NULL, 0);
}

enum err_code
tmpl_compile_words(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token)
{
	struct tmpl_words words;
	const char *wrong = tmpl_words_read(token->s, compile->arena, &words);
	const struct tr_entry *entry;
	struct str source = {NULL, 0};
	enum err_code rc = ERR_OK;

	if (wrong != NULL)
		return words_wrong(compile, lex, token, wrong);
	entry = words_entry(compile, &words, token->with);
	if (entry != NULL)
		source = words_filled(
		    compile, lex, token, &words, tr_entry_form(entry, 0));
	if (source.len == 0)
		rc = words_missing(compile, &words);
	return rc != ERR_OK ? rc
	                    : words_compile(compile, lex, token,
	                          source.len == 0 ? token->s : source);
}

/* ---- plurals ------------------------------------------------------------- */

struct words_forms {
	struct str sources[TR_PLURAL_FORMS];
	uint32_t ends[TR_PLURAL_FORMS]; /* the jumps behind them */
	size_t count;
	bool is_english;
};

/* The language's forms, or the two English ones. */
static const char *
words_forms_read(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token, struct tmpl_words *one,
    struct words_forms *out)
{
	struct tmpl_words many;
	struct str halves[2];
	const struct tr_entry *entry;
	const char *wrong;

	*out = (struct words_forms){.count = 0};
	if (!tmpl_words_split(token->s, &halves[0], &halves[1]))
		return "words that count are two, with a | between";
	wrong = tmpl_words_read(halves[0], compile->arena, one);
	if (wrong == NULL)
		wrong = tmpl_words_read(halves[1], compile->arena, &many);
	if (wrong != NULL)
		return wrong;
	entry = words_entry(compile, one, str_of(NULL, 0));
	for (; entry != NULL && out->count < entry->form_count; out->count++) {
		struct str form = tr_entry_form(entry, (unsigned)out->count);

		form = words_filled(compile, lex, token, &many, form);
		if (form.ptr == NULL)
			entry = NULL;
		out->sources[out->count] = form;
	}
	out->is_english = entry == NULL;
	if (out->is_english) {
		out->sources[0] = halves[0];
		out->sources[1] = halves[1];
		out->count = 2;
	}
	return NULL;
}

/* One form, and the jump behind all. */
static enum err_code
words_form_compile(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token, struct words_forms *forms, size_t at)
{
	struct tmpl_step *step;
	enum err_code rc =
	    words_compile(compile, lex, token, forms->sources[at]);

	if (rc == ERR_OK)
		rc = tmpl_compile_flush(compile);
	if (rc != ERR_OK)
		return rc;
	step = tmpl_compile_add(compile, TMPL_STEP_JUMP);
	if (step == NULL)
		return tmpl_compile_no_memory(compile);
	forms->ends[at] = (uint32_t)(compile->program->count - 1);
	return ERR_OK;
}

static enum err_code
words_forms_compile(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token, struct words_forms *forms)
{
	struct tmpl_html start = compile->html;
	uint32_t *begins = ARENA_ARRAY(compile->arena, forms->count, uint32_t);
	size_t many = compile->program->count - 1;
	const char *wrong = NULL;
	enum err_code rc = ERR_OK;

	if (begins == NULL)
		return tmpl_compile_no_memory(compile);
	for (size_t i = 0; i < forms->count && rc == ERR_OK; i++) {
		begins[i] = (uint32_t)compile->program->count;
		compile->html = start;
		rc = words_form_compile(compile, lex, token, forms, i);
		if (rc == ERR_OK)
			wrong = tmpl_html_join(&compile->html, &start);
		if (wrong != NULL)
			return words_wrong(compile, lex, token, wrong);
	}
	for (size_t i = 0; i < forms->count && rc == ERR_OK; i++)
		compile->program->steps[forms->ends[i]].partner =
		    (uint32_t)compile->program->count;
	compile->program->steps[many].forms = begins;
	compile->program->steps[many].form_count = forms->count;
	return rc;
}

enum err_code
tmpl_compile_many(struct tmpl_compile *compile, const struct tmpl_lex *lex,
    const struct tmpl_token *token)
{
	struct words_forms forms;
	struct tmpl_words one;
	struct tmpl_step *step = NULL;
	const char *wrong = words_forms_read(compile, lex, token, &one, &forms);
	enum err_code rc;

	if (wrong == NULL && token->with.len == 0)
		wrong = "words that count name their number: {{#tn count}}";
	if (wrong != NULL)
		return words_wrong(compile, lex, token, wrong);
	rc = forms.is_english ? words_missing(compile, &one) : ERR_OK;
	if (rc == ERR_OK)
		rc = tmpl_compile_flush(compile);
	if (rc == ERR_OK)
		step = tmpl_compile_add(compile, TMPL_STEP_MANY);
	if (rc != ERR_OK || step == NULL)
		return rc != ERR_OK ? rc : tmpl_compile_no_memory(compile);
	step->line = token->line;
	step->file = lex->file;
	step->is_english = forms.is_english;
	rc = tmpl_compile_names(compile, step, token->with);
	compile->counted = token->with;
	if (rc == ERR_OK)
		rc = words_forms_compile(compile, lex, token, &forms);
	compile->counted = str_of(NULL, 0);
	return rc;
}
