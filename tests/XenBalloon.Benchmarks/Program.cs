using BenchmarkDotNet.Running;
using XenBalloon.Benchmarks;

if (args is ["bus"]) BusBenchmark.Run();
else if (args is ["scale", .. var selection]) ScaleBenchmark.Run(selection);
else BenchmarkSwitcher.FromAssembly(typeof(StepBenchmark).Assembly).Run(args);
