from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'parts.html.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_verdict = l_0_home = l_0_time = l_0_fact = l_0_coded = l_0_commands = l_0_problems = l_0_cost = l_0_plan_facts = l_0_settings = l_0_recipe = l_0_asked_facts = l_0_staged_facts = missing
    try:
        t_1 = environment.filters['duration']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'duration' found.")
    try:
        t_2 = environment.filters['flat']
    except KeyError:
        @internalcode
        def t_2(*unused):
            raise TemplateRuntimeError("No filter named 'flat' found.")
    try:
        t_3 = environment.filters['moment']
    except KeyError:
        @internalcode
        def t_3(*unused):
            raise TemplateRuntimeError("No filter named 'moment' found.")
    try:
        t_4 = environment.filters['number']
    except KeyError:
        @internalcode
        def t_4(*unused):
            raise TemplateRuntimeError("No filter named 'number' found.")
    try:
        t_5 = environment.filters['plain']
    except KeyError:
        @internalcode
        def t_5(*unused):
            raise TemplateRuntimeError("No filter named 'plain' found.")
    try:
        t_6 = environment.filters['round']
    except KeyError:
        @internalcode
        def t_6(*unused):
            raise TemplateRuntimeError("No filter named 'round' found.")
    try:
        t_7 = environment.filters['usd']
    except KeyError:
        @internalcode
        def t_7(*unused):
            raise TemplateRuntimeError("No filter named 'usd' found.")
    try:
        t_8 = environment.tests['none']
    except KeyError:
        @internalcode
        def t_8(*unused):
            raise TemplateRuntimeError("No test named 'none' found.")
    pass
    def macro(l_1_view, l_1_caller):
        t_9 = []
        if l_1_view is missing:
            l_1_view = undefined("parameter 'view' was not provided", name='view')
        pass
        t_9.extend((
            '<header class="verdict ',
            escape(environment.finalize(environment.getattr(l_1_view, 'tone'))),
            '">\n<div class="mark" aria-hidden="true"><svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round">',
        ))
        if (environment.getattr(l_1_view, 'tone') == 'good'):
            pass
            t_9.append(
                '<path d="M4 12.5l5.5 5.5L20 7"/>',
            )
        elif (environment.getattr(l_1_view, 'tone') == 'bad'):
            pass
            t_9.append(
                '<path d="M6 6l12 12M18 6L6 18"/>',
            )
        elif (environment.getattr(l_1_view, 'tone') == 'wait'):
            pass
            t_9.append(
                '<path d="M12 5v7l4.5 3"/>',
            )
        else:
            pass
            t_9.append(
                '<path d="M5 12h14"/>',
            )
        t_9.extend((
            '</svg></div>\n<div>\n<h1>',
            escape(environment.finalize(environment.getattr(l_1_view, 'headline'))),
            '</h1>\n',
        ))
        if environment.getattr(l_1_view, 'summary'):
            pass
            t_9.extend((
                '<p class="summary">',
                escape(environment.finalize(environment.getattr(l_1_view, 'summary'))),
                '</p>',
            ))
        t_9.extend((
            escape(environment.finalize(context.call(l_1_caller))),
            '\n</div>\n</header>\n',
        ))
        return concat(t_9)
    context.exported_vars.add('verdict')
    context.vars['verdict'] = l_0_verdict = Macro(environment, macro, 'verdict', ('view',), False, False, True, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_view):
        t_10 = []
        if l_1_view is missing:
            l_1_view = undefined("parameter 'view' was not provided", name='view')
        pass
        t_10.extend((
            '<a class="home" href="',
            escape(environment.finalize(environment.getattr(l_1_view, 'index'))),
            '">All drops and runs</a>',
        ))
        return concat(t_10)
    context.exported_vars.add('home')
    context.vars['home'] = l_0_home = Macro(environment, macro, 'home', ('view',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_iso):
        t_11 = []
        if l_1_iso is missing:
            l_1_iso = undefined("parameter 'iso' was not provided", name='iso')
        pass
        t_11.extend((
            '<time datetime="',
            escape(environment.finalize(l_1_iso)),
            '">',
            escape(environment.finalize(t_3(l_1_iso))),
            '</time>',
        ))
        return concat(t_11)
    context.exported_vars.add('time')
    context.vars['time'] = l_0_time = Macro(environment, macro, 'time', ('iso',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_name, l_1_value):
        t_12 = []
        if l_1_name is missing:
            l_1_name = undefined("parameter 'name' was not provided", name='name')
        if l_1_value is missing:
            l_1_value = undefined("parameter 'value' was not provided", name='value')
        pass
        if ((not t_8(l_1_value)) and (l_1_value != '')):
            pass
            t_12.extend((
                '<dt>',
                escape(environment.finalize(l_1_name)),
                '</dt><dd>',
                escape(environment.finalize(l_1_value)),
                '</dd>\n',
            ))
        return concat(t_12)
    context.exported_vars.add('fact')
    context.vars['fact'] = l_0_fact = Macro(environment, macro, 'fact', ('name', 'value'), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_name, l_1_value):
        t_13 = []
        if l_1_name is missing:
            l_1_name = undefined("parameter 'name' was not provided", name='name')
        if l_1_value is missing:
            l_1_value = undefined("parameter 'value' was not provided", name='value')
        pass
        if ((not t_8(l_1_value)) and (l_1_value != '')):
            pass
            t_13.extend((
                '<dt>',
                escape(environment.finalize(l_1_name)),
                '</dt><dd><code>',
                escape(environment.finalize(t_5(l_1_value))),
                '</code></dd>\n',
            ))
        return concat(t_13)
    context.exported_vars.add('coded')
    context.vars['coded'] = l_0_coded = Macro(environment, macro, 'coded', ('name', 'value'), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_texts):
        t_14 = []
        if l_1_texts is missing:
            l_1_texts = undefined("parameter 'texts' was not provided", name='texts')
        pass
        for l_2_text in l_1_texts:
            _loop_vars = {}
            pass
            t_14.extend((
                '<pre class="wrap"><code>',
                escape(environment.finalize(l_2_text)),
                '</code></pre>\n',
            ))
        l_2_text = missing
        return concat(t_14)
    context.exported_vars.add('commands')
    context.vars['commands'] = l_0_commands = Macro(environment, macro, 'commands', ('texts',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_found):
        t_15 = []
        if l_1_found is missing:
            l_1_found = undefined("parameter 'found' was not provided", name='found')
        pass
        for l_2_problem in l_1_found:
            _loop_vars = {}
            pass
            t_15.extend((
                '<article>\n<header><span class="tag bad">error</span> <code>',
                escape(environment.finalize(environment.getattr(l_2_problem, 'code'))),
                '</code></header>\n<dl class="facts">\n',
                escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Where', environment.getattr(l_2_problem, 'where'), _loop_vars=_loop_vars))),
                '\n',
                escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Expected', environment.getattr(l_2_problem, 'expected'), _loop_vars=_loop_vars))),
                '\n',
                escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Found', environment.getattr(l_2_problem, 'found'), _loop_vars=_loop_vars))),
                '\n',
                escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'What to do', environment.getattr(l_2_problem, 'remedy'), _loop_vars=_loop_vars))),
                '\n</dl>\n</article>\n',
            ))
        l_2_problem = missing
        return concat(t_15)
    context.exported_vars.add('problems')
    context.vars['problems'] = l_0_problems = Macro(environment, macro, 'problems', ('found',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_estimate):
        t_16 = []
        if l_1_estimate is missing:
            l_1_estimate = undefined("parameter 'estimate' was not provided", name='estimate')
        pass
        if (not t_8(environment.getattr(l_1_estimate, 'usd'))):
            pass
            t_16.extend((
                '<p><strong>',
                escape(environment.finalize(t_7(environment.getattr(l_1_estimate, 'usd')))),
                '</strong>',
            ))
            if ((not t_8(environment.getattr(l_1_estimate, 'usd_low'))) and (not t_8(environment.getattr(l_1_estimate, 'usd_high')))):
                pass
                t_16.extend((
                    ', between ',
                    escape(environment.finalize(t_7(environment.getattr(l_1_estimate, 'usd_low')))),
                    ' and ',
                    escape(environment.finalize(t_7(environment.getattr(l_1_estimate, 'usd_high')))),
                ))
            t_16.append(
                '</p>\n',
            )
        else:
            pass
            t_16.append(
                '<p><strong>Not known</strong>, which is not zero</p>\n',
            )
        t_16.extend((
            '<p class="small soft">',
            escape(environment.finalize(environment.getattr(l_1_estimate, 'basis'))),
            '. Source: ',
            escape(environment.finalize(environment.getattr(l_1_estimate, 'source'))),
            ', as of ',
            escape(environment.finalize(environment.getattr(l_1_estimate, 'as_of'))),
            '.</p>\n',
        ))
        return concat(t_16)
    context.exported_vars.add('cost')
    context.vars['cost'] = l_0_cost = Macro(environment, macro, 'cost', ('estimate',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_plan):
        t_17 = []
        if l_1_plan is missing:
            l_1_plan = undefined("parameter 'plan' was not provided", name='plan')
        pass
        t_17.extend((
            '<dl class="facts">\n<dt>Base model</dt><dd><strong>',
            escape(environment.finalize(environment.getattr(l_1_plan, 'base_model'))),
            '</strong>',
        ))
        if (environment.getattr(l_1_plan, 'requested_base_model') != environment.getattr(l_1_plan, 'base_model')):
            pass
            t_17.extend((
                ', in place of ',
                escape(environment.finalize(environment.getattr(l_1_plan, 'requested_base_model'))),
            ))
        t_17.append(
            '</dd>\n',
        )
        if (not t_8(environment.getattr(l_1_plan, 'pre_tuned_model'))):
            pass
            t_17.append(
                escape(environment.finalize(context.call((undefined(name='coded') if l_0_coded is missing else l_0_coded), 'Goes on from', environment.getattr(l_1_plan, 'pre_tuned_model')))),
            )
        if environment.getattr(l_1_plan, 'cost'):
            pass
            t_17.extend((
                '<dt>Estimated cost</dt><dd>',
                escape(environment.finalize(context.call((undefined(name='cost') if l_0_cost is missing else l_0_cost), environment.getattr(l_1_plan, 'cost')))),
                '</dd>',
            ))
        if (not t_8(environment.getattr(l_1_plan, 'expected_seconds'))):
            pass
            t_17.append(
                escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Expected to take', markup_join(('about ', t_1(environment.getattr(l_1_plan, 'expected_seconds')), ))))),
            )
        if (not t_8(environment.getattr(l_1_plan, 'epochs'))):
            pass
            t_17.append(
                escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Epochs', t_4(t_6(environment.getattr(l_1_plan, 'epochs'), 2))))),
            )
        if (not t_8(environment.getattr(l_1_plan, 'train_steps'))):
            pass
            t_17.append(
                escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Training steps', t_4(environment.getattr(l_1_plan, 'train_steps'))))),
            )
        t_17.extend((
            escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Backend', context.call(environment.getattr({'pipeline_job': 'pipeline job', 'tuning_job': 'tuning job'}, 'get'), environment.getattr(l_1_plan, 'backend'), environment.getattr(l_1_plan, 'backend'))))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Region of the job', environment.getattr(l_1_plan, 'region')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Region of the hardware', environment.getattr(l_1_plan, 'compute_region')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Served from', environment.getattr(l_1_plan, 'serving_location')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='coded') if l_0_coded is missing else l_0_coded), 'Service account', environment.getattr(l_1_plan, 'service_account')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='coded') if l_0_coded is missing else l_0_coded), 'Encryption key', environment.getattr(l_1_plan, 'encryption_key')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='coded') if l_0_coded is missing else l_0_coded), 'Template', environment.getattr(l_1_plan, 'template_uri')))),
            '\n',
        ))
        for l_2_need in environment.getattr(l_1_plan, 'quota'):
            _loop_vars = {}
            pass
            t_17.extend((
                escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Quota taken', markup_join((t_4(environment.getattr(l_2_need, 'amount')), ' of ', environment.getattr(l_2_need, 'name'), ', ', environment.getattr(l_2_need, 'region'), )), _loop_vars=_loop_vars))),
                '\n',
            ))
        l_2_need = missing
        if (not t_8(environment.getattr(l_1_plan, 'deadline_seconds'))):
            pass
            t_17.append(
                escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Asked to stop after', t_1(environment.getattr(l_1_plan, 'deadline_seconds'))))),
            )
        t_17.append(
            '</dl>\n',
        )
        if environment.getattr(l_1_plan, 'notes'):
            pass
            t_17.append(
                '<h3>Worth knowing</h3>\n<ul class="notes">\n',
            )
            for l_2_note in environment.getattr(l_1_plan, 'notes'):
                _loop_vars = {}
                pass
                t_17.extend((
                    '<li>',
                    escape(environment.finalize(environment.getattr(l_2_note, 'text'))),
                    '</li>\n',
                ))
            l_2_note = missing
            t_17.append(
                '</ul>\n',
            )
        if environment.getattr(l_1_plan, 'parameters'):
            pass
            t_17.extend((
                '<h3>Parameters sent</h3>\n',
                escape(environment.finalize(context.call((undefined(name='settings') if l_0_settings is missing else l_0_settings), environment.getattr(l_1_plan, 'parameters')))),
                '\n',
            ))
        return concat(t_17)
    context.exported_vars.add('plan_facts')
    context.vars['plan_facts'] = l_0_plan_facts = Macro(environment, macro, 'plan_facts', ('plan',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_values):
        t_18 = []
        if l_1_values is missing:
            l_1_values = undefined("parameter 'values' was not provided", name='values')
        pass
        t_18.append(
            '<dl class="facts settings">\n',
        )
        for (l_2_name, l_2_value) in t_2(l_1_values):
            _loop_vars = {}
            pass
            t_18.extend((
                '<dt><code>',
                escape(environment.finalize(l_2_name)),
                '</code></dt><dd>',
                escape(environment.finalize(t_5(l_2_value))),
                '</dd>\n',
            ))
        l_2_name = l_2_value = missing
        t_18.append(
            '</dl>\n',
        )
        return concat(t_18)
    context.exported_vars.add('settings')
    context.vars['settings'] = l_0_settings = Macro(environment, macro, 'settings', ('values',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_recipe):
        t_19 = []
        if l_1_recipe is missing:
            l_1_recipe = undefined("parameter 'recipe' was not provided", name='recipe')
        pass
        if (l_1_recipe and environment.getattr(l_1_recipe, 'source')):
            pass
            t_19.append(
                '<section aria-labelledby="recipe"><h2 id="recipe">Recipe',
            )
            if environment.getattr(l_1_recipe, 'name'):
                pass
                t_19.extend((
                    ' <code>',
                    escape(environment.finalize(environment.getattr(l_1_recipe, 'name'))),
                    '</code>',
                ))
            t_19.extend((
                '</h2>\n<p class="soft">From <code>',
                escape(environment.finalize(environment.getattr(l_1_recipe, 'source'))),
                '</code></p>\n',
            ))
            if environment.getattr(l_1_recipe, 'effective'):
                pass
                t_19.extend((
                    escape(environment.finalize(context.call((undefined(name='settings') if l_0_settings is missing else l_0_settings), environment.getattr(l_1_recipe, 'effective')))),
                    '\n',
                ))
            t_19.append(
                '</section>\n',
            )
        return concat(t_19)
    context.exported_vars.add('recipe')
    context.vars['recipe'] = l_0_recipe = Macro(environment, macro, 'recipe', ('recipe',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_asked):
        t_20 = []
        if l_1_asked is missing:
            l_1_asked = undefined("parameter 'asked' was not provided", name='asked')
        pass
        t_20.extend((
            escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Requested by', environment.getattr(l_1_asked, 'requester')))),
            '\n',
            escape(environment.finalize(context.call((undefined(name='coded') if l_0_coded is missing else l_0_coded), 'Correlation id', environment.getattr(l_1_asked, 'correlation_id')))),
            '\n',
        ))
        if (not t_8(environment.getattr(l_1_asked, 'priority'))):
            pass
            t_20.append(
                escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Priority', environment.getattr(l_1_asked, 'priority')))),
            )
        if environment.getattr(l_1_asked, 'recipe'):
            pass
            t_20.append(
                escape(environment.finalize(context.call((undefined(name='coded') if l_0_coded is missing else l_0_coded), 'Recipe asked for', environment.getattr(l_1_asked, 'recipe')))),
            )
        for (l_2_name, l_2_value) in t_2(environment.getattr(l_1_asked, 'overrides')):
            _loop_vars = {}
            pass
            t_20.extend((
                '<dt>Asked for <code>',
                escape(environment.finalize(l_2_name)),
                '</code></dt><dd>',
                escape(environment.finalize(t_5(l_2_value))),
                '</dd>\n',
            ))
        l_2_name = l_2_value = missing
        if environment.getattr(l_1_asked, 'inline_recipe'):
            pass
            for (l_2_name, l_2_value) in t_2(environment.getattr(l_1_asked, 'inline_recipe')):
                _loop_vars = {}
                pass
                t_20.extend((
                    "<dt>In the request's recipe: <code>",
                    escape(environment.finalize(l_2_name)),
                    '</code></dt><dd>',
                    escape(environment.finalize(t_5(l_2_value))),
                    '</dd>\n',
                ))
            l_2_name = l_2_value = missing
        return concat(t_20)
    context.exported_vars.add('asked_facts')
    context.vars['asked_facts'] = l_0_asked_facts = Macro(environment, macro, 'asked_facts', ('asked',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_view):
        t_21 = []
        if l_1_view is missing:
            l_1_view = undefined("parameter 'view' was not provided", name='view')
        pass
        if environment.getattr(l_1_view, 'training'):
            pass
            t_21.extend((
                escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Rows trained on', t_4(environment.getattr(environment.getattr(l_1_view, 'training'), 'rows'))))),
                '\n',
                escape(environment.finalize(context.call((undefined(name='coded') if l_0_coded is missing else l_0_coded), 'Bytes trained on', environment.getattr(environment.getattr(l_1_view, 'training'), 'uri')))),
                '\n',
                escape(environment.finalize(context.call((undefined(name='coded') if l_0_coded is missing else l_0_coded), 'Their SHA-256', environment.getattr(environment.getattr(l_1_view, 'training'), 'digest')))),
                '\n',
            ))
        if environment.getattr(l_1_view, 'evaluation'):
            pass
            t_21.extend((
                escape(environment.finalize(context.call((undefined(name='fact') if l_0_fact is missing else l_0_fact), 'Rows held out for evaluation', t_4(environment.getattr(environment.getattr(l_1_view, 'evaluation'), 'rows'))))),
                '\n',
                escape(environment.finalize(context.call((undefined(name='coded') if l_0_coded is missing else l_0_coded), 'Evaluation bytes', environment.getattr(environment.getattr(l_1_view, 'evaluation'), 'uri')))),
                '\n',
            ))
        return concat(t_21)
    context.exported_vars.add('staged_facts')
    context.vars['staged_facts'] = l_0_staged_facts = Macro(environment, macro, 'staged_facts', ('view',), False, False, False, context.eval_ctx.autoescape)

blocks = {}
debug_info = '1=60&2=67&4=70&5=75&6=80&10=92&11=95&12=103&17=110&19=124&21=140&22=147&23=151&27=160&28=167&29=171&33=180&34=185&35=190&39=198&40=203&42=208&44=210&45=212&46=214&47=216&53=224&54=229&55=233&59=254&62=265&64=272&65=284&66=289&67=296&68=301&69=306&70=312&71=314&72=316&73=318&74=320&75=322&76=324&77=327&78=331&80=335&82=343&85=348&86=353&90=360&92=364&96=371&98=379&99=384&104=397&105=402&106=407&107=416&108=419&109=422&115=432&116=438&117=440&118=443&119=448&120=453&121=458&123=464&124=466&125=471&130=481&131=486&132=489&133=491&134=493&136=496&137=499&138=501'
