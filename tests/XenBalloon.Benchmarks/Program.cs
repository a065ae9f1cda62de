using System.Globalization;
using BenchmarkDotNet.Running;
using XenBalloon.Benchmarks;

if (args is ["bus"]) BusBenchmark.Run();
else if (args is ["scale", .. var selection]) ScaleBenchmark.Run(selection);
else if (args is ["churn", var minutes]) return ChurnBenchmark.Run(double.Parse(minutes, CultureInfo.InvariantCulture));
else BenchmarkSwitcher.FromAssembly(typeof(StepBenchmark).Assembly).Run(args);
return 0;
