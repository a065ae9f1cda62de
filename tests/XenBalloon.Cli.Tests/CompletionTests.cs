using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests;

/// <summary>Completion in bash.</summary>
internal sealed class CompletionTests : CommandTests
{
    [TestCase("unm", "unmanage")]
    [TestCase("set web --w", "--weight")]
    [TestCase("explain we", "web")]
    [TestCase("mode pa", "paused")]
    [TestCase("policy sha", "shares")]
    [TestCase("pin db 1g --run", "--runtime")]
    [TestCase("pin db def", "default")]
    [TestCase("set web --min def", "default")]
    [TestCase("set web --weight def", "default")]
    [TestCase("set web --managed y", "yes")]
    [TestCase("set web --sw", "--swap")]
    [TestCase("set web --swap n", "no")]
    [TestCase("set web --qubes-reports def", "default")]
    [TestCase("set web --qub", "--qubes-reports")]
    [TestCase("manage db --def", "--default")]
    [TestCase("exp we", "web")]
    [TestCase("pol sha", "shares")]
    [TestCase("-H xen2 unm", "unmanage")]
    [TestCase("-H xen2 mode pa", "paused")]
    [TestCase("--json exp we", "web")]
    public void Word_is_completed(string typed, string completed) =>
        Assert.That(Complete(typed), Is.EqualTo(completed + "\n"));

    [TestCase("policy ", "fair-share\nproportional\nshares\nstatic\n")]
    [TestCase("mode ", "active\nobserve\npaused\n")]
    public void Completions_are_the_words_of_the_command_line(string typed, string completed)
    {
        IEnumerable<string> words = Complete($"{typed}''").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word[0] != '-')
            .Order(StringComparer.Ordinal);

        Assert.That(string.Concat(words.Select(word => word + "\n")), Is.EqualTo(completed));
    }

    [Test]
    public void Name_with_a_blank_is_quoted()
    {
        Core.DomainDecision odd = Canned.Db with { Domain = Canned.Db.Domain with { Name = "my db" } };
        Server.Publish(Canned.Publish(odd));

        Eventually.Holds(() => Complete("explain my") == "my\\ db\n", () => Complete("explain my"));
    }

    [TestCase("explain -H xen2 we")]
    [TestCase("pin --host root@xen2 we")]
    [TestCase("-H xen2 explain we")]
    [TestCase("-H xen2 exp we")]
    public void Domains_of_this_host_are_not_offered_for_another_host(string typed) =>
        Assert.That(Complete(typed), Is.Empty);

    [Test]
    public void Absent_daemon_completes_nothing_without_an_error()
    {
        Server.Dispose();

        Assert.That(Complete("explain we"), Is.Empty);
    }

    private string Complete(string typed)
    {
        string script = $$"""
            . '{{Repository.Root}}/init/completion/xenballoon.bash'
            COMP_WORDS=('{{Program}}' {{typed}}); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _xenballoon
            for reply in "${COMPREPLY[@]}"; do echo "$reply"; done
            """;
        Command bash = Command.Run("bash", ["--norc", "-c", script], BusEnvironment);
        Assert.That((bash.Status, bash.Error), Is.EqualTo((0, "")));
        return bash.Output;
    }
}
