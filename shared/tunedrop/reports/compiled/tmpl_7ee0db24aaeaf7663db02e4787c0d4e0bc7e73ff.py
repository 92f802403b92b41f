from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'check.html.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    parent_template = None
    l_0_parts = l_0_checks = missing
    pass
    parent_template = environment.get_template('base.html.j2', 'check.html.j2')
    for name, parent_block in parent_template.blocks.items():
        context.blocks.setdefault(name, []).append(parent_block)
    l_0_parts = context.vars['parts'] = environment.get_template('parts.html.j2', 'check.html.j2')._get_default_module(context)
    context.exported_vars.discard('parts')
    l_0_checks = context.vars['checks'] = environment.get_template('check_parts.html.j2', 'check.html.j2')._get_default_module(context)
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
    yield escape(environment.finalize(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'name')))

def block_deployment(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    pass
    yield ' <span>check</span>'

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
    pass
    def macro():
        t_1 = []
        pass
        t_1.extend((
            '<p><code>',
            escape(environment.finalize(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'name'))),
            '</code></p>\n',
        ))
        return concat(t_1)
    caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
    yield context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'verdict'), (undefined(name='view') if l_0_view is missing else l_0_view), caller=caller, _block_vars=_block_vars)
    yield '\n<section aria-labelledby="next"><h2 id="next">'
    yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'next'), 'title')))
    yield '</h2>\n<p>'
    yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'next'), 'text')))
    yield '</p>\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'commands'), environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'next'), 'commands'), _block_vars=_block_vars)))
    yield '\n</section>\n\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='checks') if l_0_checks is missing else l_0_checks), 'contents'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'check'), ([('cost', 'Cost')] if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'check'), 'cost') else []), _block_vars=_block_vars)))
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='checks') if l_0_checks is missing else l_0_checks), 'sections'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'check'), _block_vars=_block_vars)))
    yield '\n\n'
    if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'check'), 'cost'):
        pass
        yield '<section aria-labelledby="cost"><h2 id="cost">What tuning on it would cost</h2>\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'cost'), environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'check'), 'cost'), _block_vars=_block_vars)))
        yield '\n</section>\n'
    yield '\n<section aria-labelledby="about"><h2 id="about">About this check</h2>\n<dl class="facts">\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'File', environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'name'), _block_vars=_block_vars)))
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='checks') if l_0_checks is missing else l_0_checks), 'facts'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'check'), _block_vars=_block_vars)))
    yield '\n</dl>\n</section>\n'

def block_foot(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    pass
    yield '<p>Written by <code>tunedrop check</code> on the machine that the file lies on; nothing was uploaded.</p>'

blocks = {'title': block_title, 'deployment': block_deployment, 'main': block_main, 'foot': block_foot}
debug_info = '1=13&2=16&3=18&4=22&5=35&6=45&7=56&8=61&7=66&11=68&12=70&13=72&16=74&17=76&19=78&21=81&27=84&28=86&32=89'
