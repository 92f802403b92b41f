from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'drop.html.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    parent_template = None
    l_0_parts = l_0_checks = missing
    pass
    parent_template = environment.get_template('base.html.j2', 'drop.html.j2')
    for name, parent_block in parent_template.blocks.items():
        context.blocks.setdefault(name, []).append(parent_block)
    l_0_parts = context.vars['parts'] = environment.get_template('parts.html.j2', 'drop.html.j2')._get_default_module(context)
    context.exported_vars.discard('parts')
    l_0_checks = context.vars['checks'] = environment.get_template('check_parts.html.j2', 'drop.html.j2')._get_default_module(context)
    context.exported_vars.discard('checks')
    yield from parent_template.root_render_func(context)

def block_title(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_view = resolve('view')
    pass
    yield escape(environment.finalize(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'headline')))
    yield ' '
    yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'object'), 'name')))

def block_home(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_parts = resolve('parts')
    l_0_view = resolve('view')
    pass
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'home'), (undefined(name='view') if l_0_view is missing else l_0_view), _block_vars=_block_vars)))

def block_main(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_parts = resolve('parts')
    l_0_view = resolve('view')
    l_0_checks = resolve('checks')
    try:
        t_1 = environment.filters['counted']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'counted' found.")
    try:
        t_2 = environment.filters['size']
    except KeyError:
        @internalcode
        def t_2(*unused):
            raise TemplateRuntimeError("No filter named 'size' found.")
    try:
        t_3 = environment.tests['none']
    except KeyError:
        @internalcode
        def t_3(*unused):
            raise TemplateRuntimeError("No test named 'none' found.")
    pass
    def macro():
        t_4 = []
        pass
        t_4.extend((
            '<p><code>',
            escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'object'), 'uri'))),
            '</code></p>\n<p class="small">',
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'time'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'at')))),
            '</p>\n',
        ))
        return concat(t_4)
    caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
    yield context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'verdict'), (undefined(name='view') if l_0_view is missing else l_0_view), caller=caller, _block_vars=_block_vars)
    yield '\n<section aria-labelledby="next"><h2 id="next">'
    yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'next'), 'title')))
    yield '</h2>\n<p>'
    yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'next'), 'text')))
    yield '</p>\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'run'):
        pass
        yield '<p>Run <a href="'
        yield escape(environment.finalize(environment.getattr(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'run'), 'report'), 'link')))
        yield '">'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'run'), 'run_id')))
        yield '</a>'
        if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'run'), 'state_before'):
            pass
            yield ', which was '
            yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'run'), 'stood')))
            yield ' when this was dropped'
        yield '</p>\n'
    if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'next'), 'address'):
        pass
        yield '<pre class="wrap"><code>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'next'), 'address')))
        yield '</code></pre>\n'
    if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'next'), 'example'):
        pass
        yield '<p class="soft">This is enough for a recipe:</p>\n<pre tabindex="0"><code>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'next'), 'example')))
        yield '</code></pre>\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'commands'), environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'next'), 'commands'), _block_vars=_block_vars)))
    yield '\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rejects'):
        pass
        yield '<p>'
        yield escape(environment.finalize(t_1(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rejects'), 'count'), 'rejected line stands', 'rejected lines stand')))
        yield ' in the <a href="'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rejects'), 'link')))
        yield '">list of rejects</a>, each with its number, its code and what to do'
        if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rejects'), 'with_rows'):
            pass
            yield ', and with what the line says'
        yield '.</p>\n'
    yield '</section>\n\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'problems'):
        pass
        yield '<section aria-labelledby="problems"><h2 id="problems">What is wrong</h2>\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'problems'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'problems'), _block_vars=_block_vars)))
        yield '\n</section>\n'
    yield '\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'check'):
        pass
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='checks') if l_0_checks is missing else l_0_checks), 'contents'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'check'), ([('plan', 'Launch')] if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'plan') else []), _block_vars=_block_vars)))
        yield '\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='checks') if l_0_checks is missing else l_0_checks), 'sections'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'check'), _block_vars=_block_vars)))
        yield '\n'
    yield '\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'evaluation_check'):
        pass
        yield '<section aria-labelledby="evaluation"><h2 id="evaluation">The evaluation file, line by line</h2>\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='checks') if l_0_checks is missing else l_0_checks), 'account'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'evaluation_check'), _block_vars=_block_vars)))
        yield '\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='checks') if l_0_checks is missing else l_0_checks), 'findings'), environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'evaluation_check'), 'findings'), _block_vars=_block_vars)))
        yield '\n'
        if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'evaluation_check'), 'statistics'):
            pass
            yield escape(environment.finalize(context.call(environment.getattr((undefined(name='checks') if l_0_checks is missing else l_0_checks), 'statistics'), environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'evaluation_check'), 'statistics'), _block_vars=_block_vars)))
        yield '</section>\n'
    yield '\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'plan'):
        pass
        yield '<section aria-labelledby="plan"><h2 id="plan">'
        yield escape(environment.finalize(('What is launched' if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'launched') else 'What would be launched')))
        yield '</h2>\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'plan_facts'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'plan'), _block_vars=_block_vars)))
        yield '\n</section>\n'
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'recipe'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'recipe'), _block_vars=_block_vars)))
    yield '\n\n<section aria-labelledby="about"><h2 id="about">About this upload</h2>\n<dl class="facts">\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Object', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'object'), 'uri'), _block_vars=_block_vars)))
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Generation', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'object'), 'generation'), _block_vars=_block_vars)))
    yield '\n'
    if (not t_3(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'object'), 'size_bytes'))):
        pass
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Size', t_2(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'object'), 'size_bytes')), _block_vars=_block_vars)))
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'check'):
        pass
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='checks') if l_0_checks is missing else l_0_checks), 'facts'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'check'), _block_vars=_block_vars)))
        yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'staged_facts'), (undefined(name='view') if l_0_view is missing else l_0_view), _block_vars=_block_vars)))
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'asked_facts'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'asked'), _block_vars=_block_vars)))
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Drop id', environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'drop_id'), _block_vars=_block_vars)))
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Outcome', environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'outcome'), _block_vars=_block_vars)))
    yield '\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'code'):
        pass
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Code', environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'code'), _block_vars=_block_vars)))
    yield '</dl>\n</section>\n'

blocks = {'title': block_title, 'home': block_home, 'main': block_main}
debug_info = '1=13&2=16&3=18&4=22&5=35&6=47&7=76&8=81&9=83&7=88&12=90&13=92&14=94&15=97&17=107&18=110&20=112&22=115&24=117&25=119&26=122&30=131&32=134&36=137&37=139&38=141&41=144&43=147&44=149&45=151&49=156&50=159&51=161&55=164&59=166&60=168&61=170&62=173&63=175&65=177&66=179&67=181&68=183&69=185'
