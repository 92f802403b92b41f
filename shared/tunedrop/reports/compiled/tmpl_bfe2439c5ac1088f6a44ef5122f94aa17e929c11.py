from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'run.html.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    parent_template = None
    l_0_parts = l_0_checks = l_0_curve = l_0_worth = missing
    pass
    parent_template = environment.get_template('base.html.j2', 'run.html.j2')
    for name, parent_block in parent_template.blocks.items():
        context.blocks.setdefault(name, []).append(parent_block)
    l_0_parts = context.vars['parts'] = environment.get_template('parts.html.j2', 'run.html.j2')._get_default_module(context)
    context.exported_vars.discard('parts')
    l_0_checks = context.vars['checks'] = environment.get_template('check_parts.html.j2', 'run.html.j2')._get_default_module(context)
    context.exported_vars.discard('checks')
    l_0_curve = context.vars['curve'] = environment.get_template('curve_parts.html.j2', 'run.html.j2')._get_default_module(context)
    context.exported_vars.discard('curve')
    l_0_worth = context.vars['worth'] = environment.get_template('run_parts.html.j2', 'run.html.j2')._get_default_module(context)
    context.exported_vars.discard('worth')
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
    yield escape(environment.finalize(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'run_id')))

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
    l_0_worth = resolve('worth')
    l_0_curve = resolve('curve')
    l_0_checks = resolve('checks')
    try:
        t_1 = environment.filters['duration']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'duration' found.")
    try:
        t_2 = environment.filters['groupby']
    except KeyError:
        @internalcode
        def t_2(*unused):
            raise TemplateRuntimeError("No filter named 'groupby' found.")
    try:
        t_3 = environment.filters['length']
    except KeyError:
        @internalcode
        def t_3(*unused):
            raise TemplateRuntimeError("No filter named 'length' found.")
    try:
        t_4 = environment.filters['number']
    except KeyError:
        @internalcode
        def t_4(*unused):
            raise TemplateRuntimeError("No filter named 'number' found.")
    try:
        t_5 = environment.filters['pretty']
    except KeyError:
        @internalcode
        def t_5(*unused):
            raise TemplateRuntimeError("No filter named 'pretty' found.")
    try:
        t_6 = environment.filters['usd']
    except KeyError:
        @internalcode
        def t_6(*unused):
            raise TemplateRuntimeError("No filter named 'usd' found.")
    try:
        t_7 = environment.tests['none']
    except KeyError:
        @internalcode
        def t_7(*unused):
            raise TemplateRuntimeError("No test named 'none' found.")
    pass
    def macro():
        t_8 = []
        pass
        t_8.extend((
            '<p>Run <code>',
            escape(environment.finalize(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'run_id'))),
            '</code></p>\n<p class="small">As of ',
            escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'time'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'at')))),
        ))
        if (not t_7(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'expected_end'))):
            pass
            t_8.extend((
                '; expected to end about ',
                escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'time'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'expected_end')))),
            ))
        t_8.append(
            '</p>\n',
        )
        return concat(t_8)
    caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
    yield context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'verdict'), (undefined(name='view') if l_0_view is missing else l_0_view), caller=caller, _block_vars=_block_vars)
    yield '\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'problem'):
        pass
        yield '<section aria-labelledby="problem"><h2 id="problem">'
        yield escape(environment.finalize(('Why it waits' if (not environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'ended')) else ('What went wrong' if (environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'tone') == 'bad') else 'Why it ended'))))
        yield '</h2>\n<dl class="facts">\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Where', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'problem'), 'where'), _block_vars=_block_vars)))
        yield '\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Code', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'problem'), 'code'), _block_vars=_block_vars)))
        yield '\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Kind', context.call(environment.getattr({'data': 'the dataset', 'recipe': 'the recipe', 'quota': 'a quota', 'permission': 'a permission', 'region': 'a region', 'service': 'the service itself', 'retired_base': 'a base model that is gone'}, 'get'), environment.getitem(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'problem'), 'class'), environment.getitem(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'problem'), 'class'), _block_vars=_block_vars), _block_vars=_block_vars)))
        yield '\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Failed task', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'problem'), 'task'), _block_vars=_block_vars)))
        yield '\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'State of the job', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'problem'), 'job_state'), _block_vars=_block_vars)))
        yield '\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'The service said', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'problem'), 'message'), _block_vars=_block_vars)))
        yield '\n'
        for l_1_text in environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'problem'), 'violations'):
            _loop_vars = {}
            pass
            yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'In particular', l_1_text, _loop_vars=_loop_vars)))
            yield '\n'
        l_1_text = missing
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Reason given', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'problem'), 'reason'), _block_vars=_block_vars)))
        yield '\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Claimed by', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'problem'), 'claimed_by'), _block_vars=_block_vars)))
        yield '\n'
        if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'superseded_by'):
            pass
            yield '<dt>In its place</dt><dd><a href="'
            yield escape(environment.finalize(environment.getattr(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'superseded_by'), 'report'), 'link')))
            yield '">'
            yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'superseded_by'), 'run_id')))
            yield '</a></dd>'
        yield '\n</dl>\n</section>\n'
    yield '\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'calling'):
        pass
        yield '<section aria-labelledby="calling"><h2 id="calling">How to call it</h2>\n'
        for l_1_way in environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'calling'):
            _loop_vars = {}
            pass
            yield '<h3>'
            yield escape(environment.finalize(environment.getattr(l_1_way, 'title')))
            yield '</h3>\n<pre'
            if (environment.getattr(l_1_way, 'language') == 'shell'):
                pass
                yield ' class="wrap"'
            else:
                pass
                yield ' tabindex="0"'
            yield '><code>'
            yield escape(environment.finalize(environment.getattr(l_1_way, 'text')))
            yield '</code></pre>\n'
        l_1_way = missing
        yield '</section>\n'
    yield '\n<section aria-labelledby="next"><h2 id="next">'
    yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'next'), 'title')))
    yield '</h2>\n<p>'
    yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'next'), 'text')))
    yield '</p>\n'
    if (not t_7(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'waits_until'))):
        pass
        yield '<p class="small">'
        yield escape(environment.finalize(('Without a decision it is refused on' if (environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'state') == 'held') else 'Not tried again before')))
        yield ' '
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'time'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'waits_until'), _block_vars=_block_vars)))
        yield '</p>\n'
    yield escape(environment.finalize((context.call(environment.getattr((undefined(name='worth') if l_0_worth is missing else l_0_worth), 'champion'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'champion'), _block_vars=_block_vars) if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'champion') else cond_expr_undefined("the inline if-expression on line 48 in 'run.html.j2' evaluated to false and no else section was defined."))))
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'commands'), environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'next'), 'commands'), _block_vars=_block_vars)))
    yield '\n</section>\n\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'evaluated'):
        pass
        yield '<section aria-labelledby="evaluated"><h2 id="evaluated">What it is worth</h2>\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='worth') if l_0_worth is missing else l_0_worth), 'evaluated'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'evaluated'), _block_vars=_block_vars)))
        yield '\n</section>\n'
    yield '\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'answers'):
        pass
        yield '<section aria-labelledby="answers"><h2 id="answers">Answers side by side</h2>\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='worth') if l_0_worth is missing else l_0_worth), 'answers'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'answers'), _block_vars=_block_vars)))
        yield '\n</section>\n'
    yield '\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rehearsal'):
        pass
        yield '<section aria-labelledby="rehearsal"><h2 id="rehearsal">What would have been sent</h2>\n<dl class="facts">\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Job', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rehearsal'), 'job_id'), _block_vars=_block_vars)))
        yield '\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'By', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rehearsal'), 'backend'), _block_vars=_block_vars)))
        yield '\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'In', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rehearsal'), 'region'), _block_vars=_block_vars)))
        yield '\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'A real run', (markup_join(('would be held until somebody approves it. ', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rehearsal'), 'hold'), )) if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rehearsal'), 'would_hold') else 'would be launched without an approval'), _block_vars=_block_vars)))
        yield '\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'The AI service', ('answers' if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rehearsal'), 'service_answered') else 'did not answer a look at its jobs'), _block_vars=_block_vars)))
        yield '\n'
        if (not environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rehearsal'), 'service_answered')):
            pass
            yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Its error', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rehearsal'), 'service'), _block_vars=_block_vars)))
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'The service said', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rehearsal'), 'message'), _block_vars=_block_vars)))
        yield '\n</dl>\n<pre tabindex="0"><code>'
        yield escape(environment.finalize(t_5(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'rehearsal'), 'request'))))
        yield '</code></pre>\n</section>\n'
    yield '\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'sample'):
        pass
        yield '<section aria-labelledby="sample"><h2 id="sample">It was asked this</h2>\n<h3>Question, from the dataset</h3>\n<pre class="wrap tall" tabindex="0" dir="auto"><code>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'sample'), 'question')))
        yield '</code></pre>\n<div class="pair">\n<div><h3>Answer in the dataset</h3>\n<pre class="wrap tall" tabindex="0" dir="auto"><code>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'sample'), 'expected')))
        yield '</code></pre></div>\n<div><h3>Answer of the tuned model</h3>\n<pre class="wrap tall" tabindex="0" dir="auto"><code>'
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'sample'), 'answer')))
        yield '</code></pre></div>\n</div>\n</section>\n'
    yield '\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'model'):
        pass
        yield '<section aria-labelledby="model"><h2 id="model">The tuned model</h2>\n<dl class="facts">\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Tuned model', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'model'), 'tuned_model'), _block_vars=_block_vars)))
        yield '\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Endpoint', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'model'), 'endpoint'), _block_vars=_block_vars)))
        yield '\n'
        if (not t_7(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'model'), 'version'))):
            pass
            yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Version in the registry', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'model'), 'version'), _block_vars=_block_vars)))
        if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'champion'):
            pass
            yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Champion of its recipe', ('this model' if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'champion'), 'is_this') else markup_join(('version ', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'champion'), 'version'), ))), _block_vars=_block_vars)))
        if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'model'), 'dropped_rows'):
            pass
            yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Rows that the service left out', t_4(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'model'), 'dropped_rows')), _block_vars=_block_vars)))
        if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'model'), 'adopted'):
            pass
            yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Note', 'The job itself failed after it had made this model: only its endpoint could not be made.', _block_vars=_block_vars)))
        for l_1_note in environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'model'), 'notes'):
            _loop_vars = {}
            pass
            yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Note', l_1_note, _loop_vars=_loop_vars)))
            yield '\n'
        l_1_note = missing
        yield '</dl>\n'
        yield escape(environment.finalize((context.call(environment.getattr((undefined(name='worth') if l_0_worth is missing else l_0_worth), 'row_notes'), environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'model'), 'row_notes'), _block_vars=_block_vars) if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'model'), 'row_notes') else cond_expr_undefined("the inline if-expression on line 105 in 'run.html.j2' evaluated to false and no else section was defined."))))
        yield '\n</section>\n'
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='curve') if l_0_curve is missing else l_0_curve), 'curves'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'curves'), _block_vars=_block_vars)))
    yield '\n<section aria-labelledby="steps"><h2 id="steps">Step by step</h2>\n'
    for (l_1_attempt, l_1_steps) in t_2(environment, environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'timeline'), 'attempt'):
        _loop_vars = {}
        pass
        if (environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'attempt') > 1):
            pass
            yield '<h3>Attempt '
            yield escape(environment.finalize(l_1_attempt))
            yield '</h3>\n'
        yield '<ol class="steps">\n'
        for l_2_step in l_1_steps:
            _loop_vars = {}
            pass
            yield '<li'
            if (environment.getattr(l_2_step, 'sequence') == t_3(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'timeline'))):
                pass
                yield ' class="now tone-'
                yield escape(environment.finalize(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'tone')))
                yield '" aria-current="step"'
            yield '>\n<strong>'
            yield escape(environment.finalize(environment.getattr(l_2_step, 'label')))
            yield '</strong>'
            if environment.getattr(l_2_step, 'code'):
                pass
                yield ' <code>'
                yield escape(environment.finalize(environment.getattr(l_2_step, 'code')))
                yield '</code>'
            yield '<br>\n<span class="small soft">'
            yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'time'), environment.getattr(l_2_step, 'at'), _loop_vars=_loop_vars)))
            if (not t_7(environment.getattr(l_2_step, 'seconds'))):
                pass
                yield ', for '
                yield escape(environment.finalize(t_1(environment.getattr(l_2_step, 'seconds'))))
            yield '</span>\n'
            if environment.getattr(l_2_step, 'note'):
                pass
                yield '<br><span class="small">'
                yield escape(environment.finalize(environment.getattr(l_2_step, 'note')))
                yield '</span>'
            if (environment.getattr(l_2_step, 'job') and (l_1_attempt < environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'attempt'))):
                pass
                yield '<br><span class="small"><code>'
                yield escape(environment.finalize(environment.getattr(l_2_step, 'job')))
                yield '</code></span>'
            if (environment.getattr(l_2_step, 'reason') or environment.getattr(l_2_step, 'claimed_by')):
                pass
                yield '<br><span class="small">'
                yield escape(environment.finalize(environment.getattr(l_2_step, 'reason')))
                if environment.getattr(l_2_step, 'claimed_by'):
                    pass
                    yield ' (claimed by '
                    yield escape(environment.finalize(environment.getattr(l_2_step, 'claimed_by')))
                    yield ')'
                yield '</span>'
            yield '</li>\n'
        l_2_step = missing
        yield '</ol>\n'
    l_1_attempt = l_1_steps = missing
    if (t_3(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'timeline')) > 1):
        pass
        yield '<p class="small soft">'
        yield escape(environment.finalize(t_1(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'total_seconds'))))
        yield ' from the first step to the newest.</p>'
    yield '</section>\n\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'plan'):
        pass
        yield '<section aria-labelledby="plan"><h2 id="plan">What is tuned, and what it costs</h2>\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'plan_facts'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'plan'), _block_vars=_block_vars)))
        yield '\n'
        if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'billed'):
            pass
            yield '<h3>Billed</h3>\n'
            yield escape(environment.finalize(context.call(environment.getattr((undefined(name='worth') if l_0_worth is missing else l_0_worth), 'billed'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'billed'), _block_vars=_block_vars)))
            yield '\n'
        if ((not t_7(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'limits'), 'recipe_usd'))) or (not t_7(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'limits'), 'deployment_usd')))):
            pass
            yield '<p class="small soft">Without an approval a run may cost'
            if (not t_7(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'limits'), 'recipe_usd'))):
                pass
                yield ' '
                yield escape(environment.finalize(t_6(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'limits'), 'recipe_usd'))))
                yield ' by its recipe'
            if ((not t_7(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'limits'), 'recipe_usd'))) and (not t_7(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'limits'), 'deployment_usd')))):
                pass
                yield ' and'
            if (not t_7(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'limits'), 'deployment_usd'))):
                pass
                yield ' '
                yield escape(environment.finalize(t_6(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'limits'), 'deployment_usd'))))
                yield ' by the deployment'
            yield '.</p>\n'
        yield '</section>\n'
    yield '\n<section aria-labelledby="dataset"><h2 id="dataset">Dataset</h2>\n'
    yield escape(environment.finalize((context.call(environment.getattr((undefined(name='checks') if l_0_checks is missing else l_0_checks), 'account'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'account'), _block_vars=_block_vars) if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'account') else cond_expr_undefined("the inline if-expression on line 144 in 'run.html.j2' evaluated to false and no else section was defined."))))
    yield '\n<dl class="facts">\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Dropped as', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'dataset'), 'uri'), _block_vars=_block_vars)))
    yield '\n<dt>Its check</dt><dd><a href="'
    yield escape(environment.finalize(environment.getattr(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'dataset'), 'report'), 'link')))
    yield '">page about the upload</a></dd>\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Generation', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'dataset'), 'generation'), _block_vars=_block_vars)))
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Format', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'dataset'), 'format'), _block_vars=_block_vars)))
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'staged_facts'), (undefined(name='view') if l_0_view is missing else l_0_view), _block_vars=_block_vars)))
    yield '\n</dl>\n</section>\n\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'recipe'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'recipe'), _block_vars=_block_vars)))
    yield '\n\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'lineage'):
        pass
        yield '<section aria-labelledby="lineage"><h2 id="lineage">Where it comes from</h2>\n'
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='worth') if l_0_worth is missing else l_0_worth), 'lineage'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'lineage'), _block_vars=_block_vars)))
        yield '\n</section>\n'
    yield '\n<section aria-labelledby="about"><h2 id="about">About this run</h2>\n<dl class="facts">\n'
    if environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'job'):
        pass
        yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Job', environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'job'), 'name'), _block_vars=_block_vars)))
        yield '\n'
        if environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'job'), 'console'):
            pass
            yield '<dt>In the console</dt><dd><a href="'
            yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'job'), 'console')))
            yield '">the job on Google Cloud</a></dd>'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'fact'), 'Attempt', environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'attempt'), _block_vars=_block_vars)))
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'asked_facts'), environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'asked'), _block_vars=_block_vars)))
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'State', environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'state'), _block_vars=_block_vars)))
    yield '\n'
    yield escape(environment.finalize(context.call(environment.getattr((undefined(name='parts') if l_0_parts is missing else l_0_parts), 'coded'), 'Run key', environment.getattr((undefined(name='view') if l_0_view is missing else l_0_view), 'run_key'), _block_vars=_block_vars)))
    yield '\n</dl>\n</section>\n'

blocks = {'title': block_title, 'home': block_home, 'main': block_main}
debug_info = '1=13&2=16&3=18&4=20&5=22&6=26&7=39&8=51&9=106&10=111&11=113&9=126&14=128&15=131&17=133&18=135&19=137&20=139&21=141&22=143&23=145&24=148&26=151&27=153&28=155&34=164&36=167&37=171&38=173&43=185&44=187&45=189&46=192&48=196&49=198&52=200&54=203&58=206&60=209&64=212&67=215&68=217&69=219&70=221&71=223&72=225&73=228&75=230&79=233&82=236&85=238&87=240&92=243&95=246&96=248&97=250&98=253&99=256&100=259&101=262&102=265&105=269&109=272&111=274&112=277&113=280&116=283&117=287&118=293&119=301&120=307&121=312&122=317&127=331&130=337&132=340&133=342&135=345&137=347&138=350&144=366&146=368&147=370&148=372&149=374&150=376&154=378&156=380&158=383&164=386&165=388&166=390&168=395&169=397&170=399&171=401'
