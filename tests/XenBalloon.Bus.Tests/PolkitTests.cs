using XenBalloon.Bus.Interfaces;
using XenBalloon.Bus.Server;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>Who may change things where polkit runs.</summary>
internal sealed class PolkitTests : SystemBusTests
{
    private const string Denied = "org.freedesktop.DBus.Error.AccessDenied";
    private const string Unasked = "--allow-interactive-authorization=no";

    private static readonly MethodCase Reload = MethodTable.All.Single(one => one.Member.Name == "Reload");

    private static readonly Member Mode = new("Manager", "property", "Mode");

    private FakePolkit polkit = null!;

    private static IEnumerable<MethodCase> Changing => MethodTable.All.Where(method => method.Asked is not null);

    protected override string Policy => PrivateBus.SystemPolicy + """
        <policy user="root"><allow own="org.freedesktop.PolicyKit1"/></policy>
        <policy context="default"><allow send_destination="org.freedesktop.PolicyKit1"/></policy>
        """;

    protected override TimeSpan? PolkitTimeout => TimeSpan.FromMilliseconds(300);

    [SetUp]
    public void Run() => polkit = new FakePolkit(Bus);

    [TearDown]
    public void End() => polkit.Dispose();

    [TestCaseSource(nameof(Changing))]
    public void Caller_that_polkit_authorizes_may_change_and_the_right_action_is_asked_about(MethodCase method)
    {
        polkit.Mood = PolkitMood.Yes;

        Command called = Call(method, asNobody: true);

        Assert.That((called.Status, called.Output.TrimEnd()), Is.EqualTo((0, method.Answer)), called.Error);
        Assert.That(Control.Asked, Is.EqualTo(new[] { method.Asked }));
        Assert.That(polkit.Asked, Has.Count.EqualTo(1));
        PolkitQuestion question = polkit.Asked.First();
        Assert.That(
            question with { Subject = "", Cancellation = "" },
            Is.EqualTo(new PolkitQuestion("system-bus-name", "", Action(method.Member), MayAsk: true, "")));
        Assert.That(called.Error, Does.Contain($"destination={question.Subject} "), "the subject is the caller");
    }

    [TestCaseSource(nameof(Changing))]
    public void Caller_that_polkit_denies_may_not_change(MethodCase method)
    {
        polkit.Mood = PolkitMood.No;

        Assert.That(
            ErrorReply.Of(Call(method, asNobody: true)),
            Is.EqualTo(Refusal(method, $"use sudo, or allow it in polkit's rules ({Action(method.Member)})")));
        Assert.That(Control.Asked, Is.Empty);
    }

    [Test]
    public void Who_could_be_asked_for_a_password_and_does_not_want_to_be_is_told_so()
    {
        polkit.Mood = PolkitMood.Challenge;

        Assert.That(
            ErrorReply.Of(Call(Reload, asNobody: true, Unasked)),
            Is.EqualTo(Refusal(Reload, "use sudo, or let polkit ask for a password (pkttyagent)")));
        Assert.That(polkit.Asked.Single().MayAsk, Is.False);
    }

    [TestCase(PolkitMood.No)]
    [TestCase(PolkitMood.Silent)]
    [TestCase(PolkitMood.Error)]
    public void Root_always_passes_and_polkit_is_not_asked(PolkitMood mood)
    {
        polkit.Mood = mood;

        Assert.That(Changing.Select(method => Call(method).Status), Is.All.Zero);
        Assert.That(polkit.Asked, Is.Empty);
    }

    [Test]
    public void While_polkit_thinks_all_else_is_answered()
    {
        polkit.Mood = PolkitMood.Silent;
        Task<Command>[] waiting = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => Call(Reload, asNobody: true)))];
        Eventually.Holds(() => polkit.Asked.Count == waiting.Length, () => "polkit was not asked");

        Assert.That(Get(Mode, asNobody: true).Status, Is.Zero);
        Assert.That(Call(Reload).Status, Is.Zero, "root waits for nobody");
        Assert.That(Control.Asked, Has.Count.EqualTo(1));
        Assert.That(waiting.Select(one => one.IsCompleted), Is.All.False);

        polkit.AnswerAll(PolkitMood.Yes);
        Assert.That(Task.WhenAll(waiting).Result.Select(one => one.Status), Is.All.Zero);
        Assert.That(Control.Asked, Has.Count.EqualTo(1 + waiting.Length));
    }

    [Test]
    public void A_polkit_that_never_answers_lets_nobody_pass()
    {
        polkit.Mood = PolkitMood.Silent;

        NotAsked(Call(Reload, asNobody: true, Unasked));
        Eventually.Holds(
            () => polkit.TakenBack.SequenceEqual([polkit.Asked.Single().Cancellation]),
            () => "the question was not taken back");
        polkit.AnswerAll(PolkitMood.Yes);

        Assert.That(Get(Mode).Status, Is.Zero);
        Assert.That(Control.Asked, Is.Empty, "an answer that comes too late counts for nothing");
    }

    [Test]
    public void A_polkit_that_dies_over_the_question_lets_nobody_pass()
    {
        polkit.Mood = PolkitMood.Silent;
        Task<Command> waiting = Task.Run(() => Call(Reload, asNobody: true));
        Eventually.Holds(() => !polkit.Asked.IsEmpty, () => "polkit was not asked");

        polkit.Dispose();

        NotAsked(waiting.Result);
        polkit = new FakePolkit(Bus);
        Assert.That(Call(Reload, asNobody: true).Status, Is.Zero, "the next polkit is asked anew");
    }

    [TestCase(PolkitMood.Error)]
    [TestCase(PolkitMood.Nonsense)]
    [TestCase(PolkitMood.Half)]
    public void A_polkit_that_answers_no_answer_lets_nobody_pass(PolkitMood mood)
    {
        polkit.Dispose();
        polkit = new FakePolkit(Bus, mood);

        NotAsked(Call(Reload, asNobody: true));

        Assert.That(polkit.Asked, Has.Count.EqualTo(1));
        Assert.That(Control.Asked, Is.Empty);
        Assert.That(Get(Mode).Status, Is.Zero);
    }

    [Test]
    public void Calls_of_one_user_that_wait_for_polkit_are_limited_and_do_not_hold_up_others()
    {
        polkit.Mood = PolkitMood.Silent;
        using var flood = new RawClient(Bus, 65534);
        Task[] calls = [.. Enumerable.Range(0, 40).Select(_ => AskToReload(flood))];
        Eventually.Holds(() => calls.Count(call => call.IsCompleted) >= 8, () => "none was refused");

        Assert.That(polkit.Asked, Has.Count.LessThanOrEqualTo(32));
        Assert.That(
            calls.Select(call => call.Exception?.InnerException?.Message).Where(message => message is not null),
            Has.Some.Contains("uid 65534 has 32 calls waiting for polkit"));
        Assert.That(Call(Reload).Status, Is.Zero, "root waits for nobody");
    }

    [Test]
    public void Questions_are_taken_back_when_the_server_leaves()
    {
        using var bus = new PrivateBus(Policy + ShippedFiles.Policy);
        using var authority = new FakePolkit(bus, PolkitMood.Silent);
        using var caller = new RawClient(bus, 65534);
        BusServer server = BusServer.Start(new BusOptions { Address = bus.Address }, Control, First);
        _ = AskToReload(caller);
        Eventually.Holds(() => !authority.Asked.IsEmpty, () => "polkit was not asked");

        server.Dispose();

        Eventually.Holds(
            () => authority.TakenBack.SequenceEqual([authority.Asked.Single().Cancellation]),
            () => "the question was not taken back");
    }

    [Test]
    public void Without_polkit_only_root_may()
    {
        polkit.Dispose();

        Assert.That(ErrorReply.Of(Call(Reload, asNobody: true)), Is.EqualTo(Refusal(Reload, "use sudo")));
        Assert.That(Call(Reload).Status, Is.Zero);
        polkit = new FakePolkit(Bus);
    }

    private static Task AskToReload(RawClient caller) =>
        caller.CallAsync("/org/xenballoon/Balloon1", "org.xenballoon.Balloon1.Manager", "Reload");

    private static void NotAsked(Command refused)
    {
        var error = ErrorReply.Of(refused);
        Assert.That(error.Name, Is.EqualTo(Denied));
        Assert.That(
            error.Message,
            Does.StartWith("polkit could not be asked whether you may (").And.EndWith("): try again, or use sudo"));
    }

    private static ErrorReply Refusal(MethodCase method, string remedy) =>
        new(Denied, $"{method.Member.Name} requires root, and was called by uid 65534: {remedy}");

    private static string Action(Member member) => (member.Interface, member.Name) switch
    {
        ("Domain", _) => BusNames.SetDomainAction,
        ("Reservation", _) or (_, "Reserve") => BusNames.ReserveAction,
        _ => BusNames.SetHostAction,
    };
}
