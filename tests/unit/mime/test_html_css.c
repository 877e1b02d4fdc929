/* Declarations and sheets of CSS: what is kept, and in what form. */
#include "mime_test.h"

#include "mime/html_css.h"
#include "mime/html_css_sheet.h"

static const struct {
	const char *in;
	const char *out;
} declarations[] = {
    {"", ""},
    {"color:red", "color:red"},
    {" COLOR : Red ; ; margin:0 auto;", "color:Red;margin:0 auto"},
    {"color:red!important", "color:red!important"},
    {"color:red ! IMPORTANT ;", "color:red!important"},
    {"color:red !important x", ""},
    {"color:!important", ""},
    /* colours */
    {"color:#ABC;color:#abcdef;color:#abcdefgh;color:#12",
        "color:#abc;color:#abcdef"},
    {"color:rgb( 1, 2,3 )", "color:rgb(1,2,3)"},
    {"color:rgb(1 2 3 / 50%)", "color:rgba(1,2,3,0.5)"},
    {"color:rgba(100%,50%,0%,.5)", "color:rgba(255,127,0,0.5)"},
    {"color:rgb(999,-5,3.9)", "color:rgb(255,0,3)"},
    {"color:hsl(120,100%,50%)", "color:rgb(0,255,0)"},
    {"color:hsl(-120deg 100% 25%)", "color:rgb(0,0,128)"},
    {"color:rgb(1,2)", ""},
    {"color:rgb(1,2,var(--x))", ""},
    {"color:rgb(1,2,3,4,5);width:1px", "width:1px"},
    /* lengths */
    {"width:10px;width:1.50em;width:.5%;width:+3pt;width:0",
        "width:10px;width:1.5em;width:0.5%;width:3pt;width:0"},
    {"width:600", "width:600px"},
    {"width:99999px", ""},
    {"width:1e3px", ""},
    {"width:10furlongs", ""},
    {"width:-1px", ""},
    {"margin:-5px 10px", "margin:-5px 10px"},
    {"margin:-1000px", ""},
    {"margin-left:-100%", ""},
    {"letter-spacing:-.5px", "letter-spacing:-0.5px"},
    {"text-indent:-9999px", ""},
    {"line-height:1.4;line-height:150%", "line-height:1.4;line-height:150%"},
    {"font-size:9000px", ""},
    /* fonts */
    {"font-family:\"Segoe UI\",Arial,sans-serif",
        "font-family:'Segoe UI',Arial,sans-serif"},
    {"font:italic bold .8em/1.2 Arial, sans-serif",
        "font:italic bold 0.8em/1.2 Arial,sans-serif"},
    {"font-family:-apple-system,BlinkMacSystemFont",
        "font-family:-apple-system,BlinkMacSystemFont"},
    {"font-family:'a;b'", ""},
    {"font-family:'a\\27 b'", ""},
    {"font-family:\xe5\xbe\xae\xe8\xbd\xaf",
        "font-family:\xe5\xbe\xae\xe8\xbd\xaf"},
    {"font-family:'a\nb';color:red", ""},
    {"font-family:'\\85'", ""},
    /* backgrounds */
    {"background:#FFF url(http://x) no-repeat", "background-color:#fff"},
    {"background:url(http://x) #fff", "background-color:#fff"},
    {"background:none", ""},
    {"background:transparent", "background-color:transparent"},
    {"background:linear-gradient(to right,#f00 0%,rgba(0,0,255,1) 50%)",
        "background-color:#f00"},
    {"background:linear-gradient(rgb(1,2,3),blue),#eee",
        "background-color:rgb(1,2,3)"},
    {"background:red!important", "background-color:red!important"},
    {"background:red}body{x", ""},
    {"background-image:url(x)", ""},
    /* escapes, comments, strings, brackets */
    {"c\\6flor:red", "color:red"},
    {"color:r\\65 d", "color:red"},
    {"color/**/:/* ; */red/*", "color:red"},
    {"color:red/*;width:1px", "color:red"},
    {"x:\"; color:red\";width:1px", "width:1px"},
    {"x:(;color:red);width:1px", "width:1px"},
    {"x:[;{;}];width:1px", "width:1px"},
    {"x:url(a;b);width:1px", "width:1px"},
    {"x:url( \"a;b\" );width:1px", "width:1px"},
    {"x:url(a\\);width:1px", ""},
    {"x:\"\nwidth:1px;width:2px", "width:2px"},
    {"}color:red;width:1px", "width:1px"},
    {"color:red;}width:1px;height:1px", "color:red;height:1px"},
    {"color:\\", ""},
    /* what is not of the list */
    {"position:fixed;top:0", ""},
    {"posi\\tion:absolute", ""},
    {"z-index:9", ""},
    {"transform:scale(9)", ""},
    {"content:'x'", ""},
    {"cursor:url(x),auto", ""},
    {"animation:x 1s", ""},
    {"--x:red", ""},
    {"color:var(--x)", ""},
    {"width:calc(1px + 1px)", ""},
    {"width:expression(alert(1))", ""},
    {"behavior:url(x)", ""},
    {"-moz-binding:url(x)", ""},
    {"list-style:url(x) circle", ""},
    {"color:red <!-- ;width:1px", "color:red;width:1px"},
    {"@import 'x';color:red", "color:red"},
};

static void
test_declarations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(declarations) / sizeof(declarations[0]);
	     i++) {
		struct html_css_facts facts = {0};
		struct str in =
		    heap_copy(declarations[i].in, strlen(declarations[i].in));
		struct buf once;
		struct buf twice;
		buf_init(&once, 1000);
		buf_init(&twice, 1000);
		html_css_clean(&once, in, &facts);
		expect_str(declarations[i].in, buf_str(&once),
		    str_c(declarations[i].out));
		html_css_clean(&twice, buf_str(&once), &facts);
		expect_str("again", buf_str(&twice), buf_str(&once));
		buf_free(&once);
		buf_free(&twice);
		heap_free(in);
	}
}

static const struct {
	const char *in;
	const char *out;
} sheets[] = {
    {"", ""},
    {"p{color:red}", "p{color:red}"},
    {"P , .a.b,#c > td , * div{color:red}",
        "p,.m-a.m-b,#m-c>td,* div{color:red}"},
    {".m-a{color:red}", ".m-a{color:red}"},
    {"body{margin:0}html{margin:0}", "body{margin:0}"},
    {"a:link,a:visited{color:red}a:hover{color:blue}",
        "a:any-link{color:red}a:hover{color:blue}"},
    {"tr:first-child,tr:nth-child(2n){color:red}", "tr:first-child{color:red}"},
    {"input[value^=a]{color:red}[x]{color:red}td[class=a],b{color:red}",
        "b{color:red}"},
    {"p:has(b){color:red}p:not(.a),i{color:red}", "i{color:red}"},
    {"p::before{content:'x'}p:after{color:red}", ""},
    {"p+b{color:red}p~b{color:red}", ""},
    {"script{color:red}svg *{color:red}o\\:p{color:red}", ""},
    {".\\31 col{color:red}", ".m-1col{color:red}"},
    {".a\\{b{color:red}", ""},
    {".\xc3\xa4{color:red}", ""},
    {"p{}b{x:y}i{color:red", "i{color:red}"},
    {"p{color:red}}b{color:red}i{color:red}", "p{color:red}i{color:red}"},
    {"p{background:url(http://x) red}", "p{background-color:red}"},
    {"p{a:b{c:d}color:red}b{color:red}", "b{color:red}"},
    {"<!-- p{color:red} -->", "p{color:red}"},
    {"/* p{ */b{color:red}/*", "b{color:red}"},
    {"@import url(x);p{color:red}", "p{color:red}"},
    {"@import 'x' screen;@charset 'x';p{color:red}", "p{color:red}"},
    {"@font-face{font-family:x;src:url(x)}p{color:red}", "p{color:red}"},
    {"@keyframes x{from{color:red}to{color:blue}}p{color:red}", "p{color:red}"},
    {"@supports (a:b){p{color:red}}b{color:red}", "b{color:red}"},
    {"@namespace x url(y);p{color:red}", "p{color:red}"},
    {"@media (max-width:600px){.a{width:100%!important}}p{color:red}",
        "@media (max-width:600px){.m-a{width:100%!important}}p{color:red}"},
    {"@MEDIA only screen AND (min-width:1px) and (max-device-width:40em),"
     "print{p{color:red}",
        "@media screen and (min-width:1px) and (max-width:40em),print"
        "{p{color:red}}"},
    {"@media screen and (-webkit-min-device-pixel-ratio:0){p{color:red}}"
     "b{color:red}",
        "b{color:red}"},
    {"@media (orientation:portrait),print{p{color:red}}",
        "@media print{p{color:red}}"},
    {"@media (prefers-color-scheme:dark){p{color:red}}b{color:red}",
        "b{color:red}"},
    {"@media (prefers-color-scheme:light){p{color:red}}",
        "@media (min-width:0){p{color:red}}"},
    {"@media screen{@media print{p{color:red}}b{color:red}}i{color:red}",
        "@media screen{b{color:red}}i{color:red}"},
    {"@media screen{p{}}", ""},
    {"@media{p{color:red}}b{color:red}", "b{color:red}"},
    {"@media not screen{p{color:red}}", ""},
};

static void
test_sheets(void **state)
{
	struct html_css_sheet *once = malloc(sizeof(*once));
	struct html_css_sheet *twice = malloc(sizeof(*twice));

	(void)state;
	assert_non_null(once);
	assert_non_null(twice);
	for (size_t i = 0; i < sizeof(sheets) / sizeof(sheets[0]); i++) {
		struct str in = heap_copy(sheets[i].in, strlen(sheets[i].in));
		html_css_sheet_init(once);
		html_css_sheet_init(twice);
		html_css_sheet_add(once, in);
		expect_str(
		    sheets[i].in, buf_str(&once->out), str_c(sheets[i].out));
		html_css_sheet_add(twice, buf_str(&once->out));
		expect_str("again", buf_str(&twice->out), buf_str(&once->out));
		html_css_sheet_end(once);
		html_css_sheet_end(twice);
		heap_free(in);
	}
	free(once);
	free(twice);
}

/* However much there is, the result is bounded and still at rest. */
static void
test_much(void **state)
{
	static const char *const pieces[] = {".a{color:red}", "@media screen{",
	    "p{color:", "a,", "((((", "p{x:[[[[", "\\", "/*", "p ", "'"};
	struct html_css_sheet *once = malloc(sizeof(*once));
	struct html_css_sheet *twice = malloc(sizeof(*twice));
	char *css = malloc(1 << 20);

	(void)state;
	assert_non_null(once);
	assert_non_null(twice);
	assert_non_null(css);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t piece = strlen(pieces[i]);
		size_t len = 0;
		while (len + piece <= 1 << 20) {
			memcpy(css + len, pieces[i], piece);
			len += piece;
		}
		html_css_sheet_init(once);
		html_css_sheet_init(twice);
		html_css_sheet_add(once, str_of(css, len));
		assert_true(once->out.len <= (128 << 10) + 1);
		html_css_sheet_add(twice, buf_str(&once->out));
		expect_str("again", buf_str(&twice->out), buf_str(&once->out));
		html_css_sheet_end(once);
		html_css_sheet_end(twice);
	}
	free(css);
	free(once);
	free(twice);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_declarations),
	    cmocka_unit_test(test_sheets),
	    cmocka_unit_test(test_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
