from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'index.html.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    parent_template = None
    l_0_parts = missing
    pass
    parent_template = environment.get_template('base.html.j2', 'index.html.j2')
    for name, parent_block in parent_template.blocks.items():
        context.blocks.setdefault(name, []).append(parent_block)
    l_0_parts = context.vars['parts'] = environment.get_template('parts.html.j2', 'index.html.j2')._get_default_module(context)
    context.exported_vars.discard('parts')
    yield from parent_template.root_render_func(context)

def block_title(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    pass
    yield 'Drops, runs and champions'

def block_main(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_view = resolve('view')
    try:
        t_1 = environment.filters['length']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'length' found.")
    try:
        t_2 = environment.filters['number']
    except KeyError:
        @internalcode
        def t_2(*unused):
            raise TemplateRuntimeError("No filter named 'number' found.")
    pass
    yield '<header class="top">\n<h1>Drops, runs and champions</h1>\n<p class="soft small">Brought up to date by every sweep; on the pages themselves things stand sooner.</p>\n</header>\n\n<nav class="contents" aria-label="On this page"><ul>\n<li><a href="#champions">Champions</a></li>\n<li><a href="#runs">Runs</a></li>\n<li><a href="#drops">Drops</a></li>\n</ul></nav>\n\n<section aria-labelledby="champions"><h2 id="champions">Champions</h2>\n'
    l_1_loop = missing
    t_3 = 1
    for l_1_row, l_1_loop in LoopContext(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'champions'), undefined):
        l_1_parts = resolve('parts')
        _loop_vars = {}
        pass
        if environment.getattr(l_1_loop, 'first'):
            pass
            yield '<ul class="rows">'
        yield '<li>\n<span class="what"><a href="'
        yield escape(environment.finalize(environment.getattr(l_1_row, 'link')))
        yield '">'
        yield escape(environment.finalize((environment.getattr(l_1_row, 'recipe') or "(the bucket's root)")))
        yield ', version '
        yield escape(environment.finalize(t_2(environment.getattr(l_1_row, 'version'))))
        yield '</a></span>\n<span class="said">'
        yield escape(environment.finalize(environment.getattr(l_1_row, 'base_model')))
        if environment.getattr(l_1_row, 'by_roll_back'):
            pass
            yield ' <span class="tag plain">rolled back to</span>'
        if environment.getattr(l_1_row, 'retires'):
            pass
            yield ' <span class="tag wait">'
            yield escape(environment.finalize(environment.getattr(l_1_row, 'retires')))
            yield '</span>'
        yield '</span>\n<span class="when">since '
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_1_parts is missing else l_1_parts), 'time'), environment.getattr(l_1_row, 'since'), _loop_vars=_loop_vars)))
        yield '</span>\n</li>\n'
        if environment.getattr(l_1_loop, 'last'):
            pass
            yield '</ul>'
        t_3 = 0
    l_1_loop = l_1_row = l_1_parts = missing
    if t_3:
        pass
        yield '<p class="soft">No recipe has a champion yet. A run\'s page says how its model becomes one.</p>\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'more_champions'):
        pass
        yield '<p class="small soft">And '
        yield escape(environment.finalize(t_2(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'more_champions'))))
        yield ' older ones: <code>tunedrop models</code> lists them all.</p>'
    yield '</section>\n\n<section aria-labelledby="runs"><h2 id="runs">Runs</h2>\n'
    l_1_loop = missing
    t_4 = 1
    for l_1_row, l_1_loop in LoopContext(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'runs'), undefined):
        l_1_parts = resolve('parts')
        _loop_vars = {}
        pass
        if environment.getattr(l_1_loop, 'first'):
            pass
            yield '<ul class="rows">'
        yield '<li>\n<span class="what"><a href="'
        yield escape(environment.finalize(environment.getattr(l_1_row, 'link')))
        yield '">'
        yield escape(environment.finalize(environment.getattr(l_1_row, 'run_id')))
        yield '</a></span>\n<span class="said"><span class="tag '
        yield escape(environment.finalize(environment.getattr(l_1_row, 'tone')))
        yield '">'
        yield escape(environment.finalize(environment.getattr(l_1_row, 'label')))
        yield '</span>'
        if (environment.getattr(l_1_row, 'attempt') > 1):
            pass
            yield ' attempt '
            yield escape(environment.finalize(t_2(environment.getattr(l_1_row, 'attempt'))))
        yield '</span>\n<span class="when">'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_1_parts is missing else l_1_parts), 'time'), environment.getattr(l_1_row, 'at'), _loop_vars=_loop_vars)))
        yield '</span>\n</li>\n'
        if environment.getattr(l_1_loop, 'last'):
            pass
            yield '</ul>'
        t_4 = 0
    l_1_loop = l_1_row = l_1_parts = missing
    if t_4:
        pass
        yield '<p class="soft">Nothing was tuned yet.</p>\n'
    if (t_1(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'runs')) >= environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'most_runs')):
        pass
        yield '<p class="small soft">The newest '
        yield escape(environment.finalize(t_2(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'most_runs'))))
        yield ': <code>tunedrop runs</code> lists them all.</p>'
    yield '</section>\n\n<section aria-labelledby="drops"><h2 id="drops">Drops</h2>\n'
    l_1_loop = missing
    t_5 = 1
    for l_1_row, l_1_loop in LoopContext(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'drops'), undefined):
        l_1_parts = resolve('parts')
        _loop_vars = {}
        pass
        if environment.getattr(l_1_loop, 'first'):
            pass
            yield '<ul class="rows">'
        yield '<li>\n<span class="what"><a href="'
        yield escape(environment.finalize(environment.getattr(l_1_row, 'link')))
        yield '">'
        yield escape(environment.finalize(environment.getattr(l_1_row, 'name')))
        yield '</a></span>\n<span class="said"><span class="tag '
        yield escape(environment.finalize(environment.getattr(l_1_row, 'tone')))
        yield '">'
        yield escape(environment.finalize(environment.getattr(l_1_row, 'label')))
        yield '</span>'
        if environment.getattr(l_1_row, 'run_id'):
            pass
            yield ' <a href="'
            yield escape(environment.finalize(environment.getattr(l_1_row, 'run_link')))
            yield '" aria-label="run '
            yield escape(environment.finalize(environment.getattr(l_1_row, 'run_id')))
            yield '">its run</a>'
        yield '</span>\n<span class="when">'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_1_parts is missing else l_1_parts), 'time'), environment.getattr(l_1_row, 'at'), _loop_vars=_loop_vars)))
        yield '</span>\n</li>\n'
        if environment.getattr(l_1_loop, 'last'):
            pass
            yield '</ul>'
        t_5 = 0
    l_1_loop = l_1_row = l_1_parts = missing
    if t_5:
        pass
        yield '<p class="soft">Nothing was dropped yet.</p>\n'
    if (t_1(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'drops')) >= environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'most_drops')):
        pass
        yield '<p class="small soft">The newest '
        yield escape(environment.finalize(t_2(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'most_drops'))))
        yield '.</p>'
    yield '</section>\n'

def block_foot(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_view = resolve('view')
    pass
    yield '<p>The same as data: <a href="'
    yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'report'), 'data_link')))
    yield '">index.json</a>. This page lies at <code>'
    yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'report'), 'uri')))
    yield '</code>.</p>'

blocks = {'title': block_title, 'main': block_main, 'foot': block_foot}
debug_info = '1=13&2=16&3=20&4=30&17=54&18=58&20=62&21=68&22=78&24=80&28=88&32=96&33=100&35=104&36=108&37=117&39=119&43=127&47=135&48=139&50=143&51=147&52=159&54=161&58=169&61=176'
