target datalayout = "e-m:e-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"

%struct.kdsl_launch = type { [3 x i64], [3 x i64], [3 x i64] }
%struct.Plan = type { i64, i64, i64, i32, i32, i32 }
%struct.Work = type { ptr, ptr, ptr, i64, i64 }
%struct.Param = type { i32, i32, i32, i32, i32, i32 }
%struct.Way = type { ptr, double, i64, i64, i64, i32, i32, i32, i32, i32, i32, [3 x i32], i32, i32, i32 }

@state = internal global i32 0, align 4
@handles = internal global [1024 x i64] zeroinitializer, align 8
@started = internal unnamed_addr global i64 0, align 8
@at_the_end = internal constant [1 x ptr] [ptr @KDSL_shutdown], section ".fini_array", align 8
@wanted = internal unnamed_addr global i32 0, align 4
@others_workers = internal unnamed_addr global i64 0, align 8
@others_context = internal unnamed_addr global ptr null, align 8
@others = internal unnamed_addr global ptr null, align 8
@KDSL_error_text.texts.rel = internal unnamed_addr constant [8 x i32] [i32 trunc (i64 sub (i64 ptrtoint (ptr @.str to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.1 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.2 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.3 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.4 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.5 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.6 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.7 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32)], align 4
@.str = private unnamed_addr constant [9 x i8] c"no error\00", align 1
@.str.1 = private unnamed_addr constant [62 x i8] c"a null pointer where an array, a shape or a value is expected\00", align 1
@.str.2 = private unnamed_addr constant [50 x i8] c"a grid, block or number of threads that cannot be\00", align 1
@.str.3 = private unnamed_addr constant [50 x i8] c"a negative extent, or an array larger than memory\00", align 1
@.str.4 = private unnamed_addr constant [40 x i8] c"an array whose elements are not aligned\00", align 1
@.str.5 = private unnamed_addr constant [51 x i8] c"an array to be written whose elements share memory\00", align 1
@.str.6 = private unnamed_addr constant [14 x i8] c"out of memory\00", align 1
@.str.7 = private unnamed_addr constant [27 x i8] c"no code for this processor\00", align 1
@.str.8 = private unnamed_addr constant [29 x i8] c"not an error of this library\00", align 1
@level_known = internal unnamed_addr global i32 0, align 4
@workers.registered = internal unnamed_addr global i1 false, align 4
@.str.9 = private unnamed_addr constant [17 x i8] c"KDSL_NUM_THREADS\00", align 1
@llvm.compiler.used = appending global [1 x ptr] [ptr @at_the_end], section "llvm.metadata"

; Function Attrs: nounwind
define void @KDSL_shutdown() #0 {
  %1 = cmpxchg ptr @state, i32 2, i32 1 acq_rel acquire, align 4
  %2 = extractvalue { i32, i1 } %1, 1
  br i1 %2, label %3, label %5

3:                                                ; preds = %0
  %4 = load i64, ptr @started, align 8, !tbaa !4
  tail call void @kdsl_pool_stop(ptr noundef nonnull @handles, i64 noundef %4) #12
  store i64 0, ptr @started, align 8, !tbaa !4
  store atomic i32 3, ptr @state release, align 4
  br label %5

5:                                                ; preds = %3, %0
  ret void
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(i64 immarg, ptr nocapture) #1

declare void @kdsl_pool_stop(ptr noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(i64 immarg, ptr nocapture) #1

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_threads(i32 noundef %0) local_unnamed_addr #3 {
  store i32 %0, ptr @wanted, align 4, !tbaa !8
  ret void
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_parallel(ptr noundef %0, ptr noundef %1, i32 noundef %2) local_unnamed_addr #3 {
  %4 = tail call i32 @llvm.smax.i32(i32 %2, i32 1)
  %5 = zext nneg i32 %4 to i64
  store i64 %5, ptr @others_workers, align 8, !tbaa !4
  store ptr %1, ptr @others_context, align 8, !tbaa !10
  store ptr %0, ptr @others, align 8, !tbaa !10
  ret void
}

; Function Attrs: nounwind
define i32 @KDSL_launch_kernel(ptr nocapture noundef readonly %0, ptr noundef readonly %1, ptr nocapture noundef readonly %2) local_unnamed_addr #0 {
  %4 = alloca [128 x i64], align 8
  %5 = alloca [128 x i64], align 8
  %6 = alloca %struct.kdsl_launch, align 8
  %7 = alloca %struct.Plan, align 8
  %8 = alloca [16 x i64], align 8
  %9 = alloca %struct.Work, align 8
  %10 = alloca [64 x i64], align 8
  %11 = alloca [512 x i64], align 8
  call void @llvm.lifetime.start.p0(i64 4096, ptr nonnull %11) #13
  %12 = icmp eq ptr %1, null
  br i1 %12, label %629, label %13

13:                                               ; preds = %3
  %14 = getelementptr inbounds i8, ptr %1, i64 24
  %15 = getelementptr inbounds i8, ptr %1, i64 48
  %16 = load i64, ptr %1, align 8, !tbaa !4
  %17 = load i64, ptr %14, align 8, !tbaa !4
  %18 = icmp slt i64 %16, 0
  %19 = add i64 %17, -1025
  %20 = icmp ult i64 %19, -1024
  %21 = select i1 %18, i1 true, i1 %20
  br i1 %21, label %629, label %72

22:                                               ; preds = %81
  %23 = getelementptr inbounds i8, ptr %1, i64 8
  %24 = load i64, ptr %23, align 8, !tbaa !4
  %25 = getelementptr inbounds i8, ptr %1, i64 32
  %26 = load i64, ptr %25, align 8, !tbaa !4
  %27 = icmp slt i64 %24, 0
  %28 = add i64 %26, -1025
  %29 = icmp ult i64 %28, -1024
  %30 = select i1 %27, i1 true, i1 %29
  br i1 %30, label %629, label %31

31:                                               ; preds = %22
  %32 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %24, i64 %26)
  %33 = extractvalue { i64, i1 } %32, 1
  %34 = extractvalue { i64, i1 } %32, 0
  br i1 %33, label %629, label %35

35:                                               ; preds = %31
  %36 = getelementptr inbounds i8, ptr %1, i64 56
  %37 = load i64, ptr %36, align 8, !tbaa !4
  %38 = icmp slt i64 %37, 0
  %39 = icmp sgt i64 %37, %34
  %40 = select i1 %38, i1 true, i1 %39
  br i1 %40, label %629, label %41

41:                                               ; preds = %35
  %42 = icmp eq i64 %24, 0
  %43 = sext i1 %42 to i64
  %44 = sub nsw i64 %43, %26
  %45 = add i64 %44, %34
  %46 = icmp sgt i64 %37, %45
  br i1 %46, label %47, label %629

47:                                               ; preds = %41
  %48 = getelementptr inbounds i8, ptr %1, i64 16
  %49 = load i64, ptr %48, align 8, !tbaa !4
  %50 = getelementptr inbounds i8, ptr %1, i64 40
  %51 = load i64, ptr %50, align 8, !tbaa !4
  %52 = icmp slt i64 %49, 0
  %53 = add i64 %51, -1025
  %54 = icmp ult i64 %53, -1024
  %55 = select i1 %52, i1 true, i1 %54
  br i1 %55, label %629, label %56

56:                                               ; preds = %47
  %57 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %49, i64 %51)
  %58 = extractvalue { i64, i1 } %57, 1
  %59 = extractvalue { i64, i1 } %57, 0
  br i1 %58, label %629, label %60

60:                                               ; preds = %56
  %61 = getelementptr inbounds i8, ptr %1, i64 64
  %62 = load i64, ptr %61, align 8, !tbaa !4
  %63 = icmp slt i64 %62, 0
  %64 = icmp sgt i64 %62, %59
  %65 = select i1 %63, i1 true, i1 %64
  br i1 %65, label %629, label %66

66:                                               ; preds = %60
  %67 = icmp eq i64 %49, 0
  %68 = sext i1 %67 to i64
  %69 = sub nsw i64 %68, %51
  %70 = add i64 %69, %59
  %71 = icmp sgt i64 %62, %70
  br i1 %71, label %87, label %629

72:                                               ; preds = %13
  %73 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %16, i64 %17)
  %74 = extractvalue { i64, i1 } %73, 1
  %75 = extractvalue { i64, i1 } %73, 0
  br i1 %74, label %629, label %76

76:                                               ; preds = %72
  %77 = load i64, ptr %15, align 8, !tbaa !4
  %78 = icmp slt i64 %77, 0
  %79 = icmp sgt i64 %77, %75
  %80 = select i1 %78, i1 true, i1 %79
  br i1 %80, label %629, label %81

81:                                               ; preds = %76
  %82 = icmp eq i64 %16, 0
  %83 = sext i1 %82 to i64
  %84 = sub nsw i64 %83, %17
  %85 = add i64 %84, %75
  %86 = icmp sgt i64 %77, %85
  br i1 %86, label %22, label %629

87:                                               ; preds = %66
  %88 = mul nuw nsw i64 %26, %17
  %89 = mul nuw nsw i64 %88, %51
  %90 = icmp ugt i64 %89, 1024
  br i1 %90, label %629, label %91

91:                                               ; preds = %87
  %92 = getelementptr inbounds i8, ptr %0, i64 16
  %93 = load i32, ptr %92, align 8, !tbaa !12
  %94 = icmp sgt i32 %93, 0
  br i1 %94, label %95, label %311

95:                                               ; preds = %91
  %96 = load ptr, ptr %0, align 8, !tbaa !14
  %97 = zext nneg i32 %93 to i64
  br label %98

98:                                               ; preds = %95, %295
  %99 = phi i64 [ 0, %95 ], [ %299, %295 ]
  %100 = phi i32 [ 0, %95 ], [ %298, %295 ]
  %101 = phi i32 [ 0, %95 ], [ %296, %295 ]
  %102 = getelementptr inbounds %struct.Param, ptr %96, i64 %99
  %103 = load i32, ptr %102, align 4, !tbaa !15
  %104 = icmp eq i32 %103, 0
  %105 = getelementptr inbounds ptr, ptr %2, i64 %99
  %106 = load ptr, ptr %105, align 8, !tbaa !10
  br i1 %104, label %261, label %107

107:                                              ; preds = %98
  %108 = sext i32 %100 to i64
  %109 = getelementptr inbounds i64, ptr %11, i64 %108
  call void @llvm.lifetime.start.p0(i64 512, ptr nonnull %10) #13
  %110 = icmp eq ptr %106, null
  br i1 %110, label %301, label %111

111:                                              ; preds = %107
  %112 = getelementptr inbounds i8, ptr %102, i64 8
  %113 = load i32, ptr %112, align 4, !tbaa !17
  %114 = icmp eq i32 %113, 0
  br i1 %114, label %119, label %115

115:                                              ; preds = %111
  %116 = getelementptr inbounds i8, ptr %106, i64 8
  %117 = load ptr, ptr %116, align 8, !tbaa !18
  %118 = icmp eq ptr %117, null
  br i1 %118, label %301, label %119

119:                                              ; preds = %115, %111
  %120 = getelementptr inbounds i8, ptr %102, i64 4
  %121 = load i32, ptr %120, align 4, !tbaa !20
  %122 = sext i32 %121 to i64
  %123 = getelementptr inbounds i8, ptr %106, i64 8
  %124 = zext i32 %113 to i64
  br label %125

125:                                              ; preds = %137, %119
  %126 = phi i64 [ %129, %137 ], [ %124, %119 ]
  %127 = phi i64 [ %140, %137 ], [ 0, %119 ]
  %128 = phi i64 [ %145, %137 ], [ %122, %119 ]
  %129 = add nsw i64 %126, -1
  %130 = trunc nuw i64 %126 to i32
  %131 = icmp slt i32 %130, 1
  br i1 %131, label %146, label %132

132:                                              ; preds = %125
  %133 = load ptr, ptr %123, align 8, !tbaa !18
  %134 = getelementptr inbounds i64, ptr %133, i64 %129
  %135 = load i64, ptr %134, align 8, !tbaa !4
  %136 = icmp slt i64 %135, 0
  br i1 %136, label %305, label %137

137:                                              ; preds = %132
  %138 = icmp eq i64 %135, 0
  %139 = zext i1 %138 to i64
  %140 = or i64 %127, %139
  %141 = getelementptr inbounds [64 x i64], ptr %10, i64 0, i64 %129
  store i64 %128, ptr %141, align 8, !tbaa !4
  %142 = tail call i64 @llvm.umax.i64(i64 %135, i64 1)
  %143 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %128, i64 %142)
  %144 = extractvalue { i64, i1 } %143, 1
  %145 = extractvalue { i64, i1 } %143, 0
  br i1 %144, label %305, label %125, !llvm.loop !21

146:                                              ; preds = %125
  %147 = getelementptr inbounds i8, ptr %106, i64 16
  %148 = load ptr, ptr %147, align 8, !tbaa !23
  %149 = icmp eq ptr %148, null
  %150 = select i1 %149, ptr %10, ptr %148
  %151 = load ptr, ptr %106, align 8, !tbaa !24
  %152 = icmp ne ptr %151, null
  %153 = icmp ne i64 %127, 0
  %154 = select i1 %152, i1 true, i1 %153
  br i1 %154, label %155, label %305

155:                                              ; preds = %146
  %156 = ptrtoint ptr %151 to i64
  %157 = getelementptr inbounds i8, ptr %102, i64 16
  %158 = load i32, ptr %157, align 4, !tbaa !25
  %159 = add nsw i32 %158, -1
  %160 = sext i32 %159 to i64
  %161 = and i64 %160, %156
  %162 = icmp eq i64 %161, 0
  br i1 %162, label %163, label %305

163:                                              ; preds = %155
  store i64 %156, ptr %109, align 8, !tbaa !4
  %164 = icmp sgt i32 %113, 0
  br i1 %164, label %165, label %184

165:                                              ; preds = %163
  %166 = load ptr, ptr %123, align 8, !tbaa !18
  %167 = getelementptr inbounds i64, ptr %109, i64 %124
  %168 = getelementptr inbounds i8, ptr %167, i64 8
  br label %169

169:                                              ; preds = %179, %165
  %170 = phi i64 [ 0, %165 ], [ %180, %179 ]
  %171 = getelementptr inbounds i64, ptr %166, i64 %170
  %172 = load i64, ptr %171, align 8, !tbaa !4
  %173 = icmp slt i64 %172, 2
  %174 = getelementptr inbounds i64, ptr %150, i64 %170
  %175 = load i64, ptr %174, align 8, !tbaa !4
  %176 = and i64 %175, %160
  %177 = icmp eq i64 %176, 0
  %178 = select i1 %173, i1 true, i1 %177
  br i1 %178, label %179, label %305

179:                                              ; preds = %169
  %180 = add nuw nsw i64 %170, 1
  %181 = getelementptr inbounds i64, ptr %109, i64 %180
  store i64 %172, ptr %181, align 8, !tbaa !4
  %182 = getelementptr inbounds i64, ptr %168, i64 %170
  store i64 %175, ptr %182, align 8, !tbaa !4
  %183 = icmp eq i64 %180, %124
  br i1 %183, label %184, label %169, !llvm.loop !26

184:                                              ; preds = %179, %163
  %185 = getelementptr inbounds i8, ptr %102, i64 12
  %186 = load i32, ptr %185, align 4, !tbaa !27
  %187 = icmp sgt i32 %186, -1
  br i1 %187, label %188, label %200

188:                                              ; preds = %184
  %189 = load ptr, ptr %123, align 8, !tbaa !18
  %190 = zext nneg i32 %186 to i64
  %191 = getelementptr inbounds i64, ptr %189, i64 %190
  %192 = load i64, ptr %191, align 8, !tbaa !4
  %193 = icmp sgt i64 %192, 1
  br i1 %193, label %194, label %200

194:                                              ; preds = %188
  %195 = getelementptr inbounds i64, ptr %150, i64 %190
  %196 = load i64, ptr %195, align 8, !tbaa !4
  %197 = icmp eq i64 %196, %122
  %198 = select i1 %197, i1 true, i1 %153
  %199 = select i1 %198, i32 %101, i32 1
  br label %200

200:                                              ; preds = %194, %188, %184
  %201 = phi i32 [ %101, %188 ], [ %101, %184 ], [ %199, %194 ]
  %202 = getelementptr inbounds i8, ptr %102, i64 20
  %203 = load i32, ptr %202, align 4, !tbaa !28
  %204 = icmp eq i32 %203, 0
  %205 = select i1 %204, i1 true, i1 %149
  %206 = select i1 %205, i1 true, i1 %153
  br i1 %206, label %258, label %207

207:                                              ; preds = %200
  %208 = load ptr, ptr %123, align 8, !tbaa !18
  br i1 %164, label %209, label %258

209:                                              ; preds = %207, %248
  %210 = phi i64 [ %255, %248 ], [ %122, %207 ]
  %211 = phi i32 [ %256, %248 ], [ 0, %207 ]
  %212 = phi i64 [ %250, %248 ], [ 0, %207 ]
  br label %215

213:                                              ; preds = %238
  %214 = icmp slt i32 %239, 0
  br i1 %214, label %258, label %242

215:                                              ; preds = %238, %209
  %216 = phi i64 [ 0, %209 ], [ %240, %238 ]
  %217 = phi i32 [ -1, %209 ], [ %239, %238 ]
  %218 = getelementptr inbounds i64, ptr %148, i64 %216
  %219 = load i64, ptr %218, align 8, !tbaa !4
  %220 = tail call i64 @llvm.abs.i64(i64 %219, i1 true)
  %221 = shl nuw i64 1, %216
  %222 = and i64 %221, %212
  %223 = icmp eq i64 %222, 0
  br i1 %223, label %224, label %238

224:                                              ; preds = %215
  %225 = getelementptr inbounds i64, ptr %208, i64 %216
  %226 = load i64, ptr %225, align 8, !tbaa !4
  %227 = icmp slt i64 %226, 2
  br i1 %227, label %238, label %228

228:                                              ; preds = %224
  %229 = icmp slt i32 %217, 0
  br i1 %229, label %236, label %230

230:                                              ; preds = %228
  %231 = zext nneg i32 %217 to i64
  %232 = getelementptr inbounds i64, ptr %148, i64 %231
  %233 = load i64, ptr %232, align 8, !tbaa !4
  %234 = tail call i64 @llvm.abs.i64(i64 %233, i1 true)
  %235 = icmp ult i64 %220, %234
  br i1 %235, label %236, label %238

236:                                              ; preds = %230, %228
  %237 = trunc nuw nsw i64 %216 to i32
  br label %238

238:                                              ; preds = %236, %230, %224, %215
  %239 = phi i32 [ %217, %224 ], [ %217, %215 ], [ %237, %236 ], [ %217, %230 ]
  %240 = add nuw nsw i64 %216, 1
  %241 = icmp eq i64 %240, %124
  br i1 %241, label %213, label %215, !llvm.loop !29

242:                                              ; preds = %213
  %243 = zext nneg i32 %239 to i64
  %244 = getelementptr inbounds i64, ptr %148, i64 %243
  %245 = load i64, ptr %244, align 8, !tbaa !4
  %246 = tail call i64 @llvm.abs.i64(i64 %245, i1 true)
  %247 = icmp slt i64 %246, %210
  br i1 %247, label %305, label %248

248:                                              ; preds = %242
  %249 = shl nuw i64 1, %243
  %250 = or i64 %249, %212
  %251 = getelementptr inbounds i64, ptr %208, i64 %243
  %252 = load i64, ptr %251, align 8, !tbaa !4
  %253 = add nsw i64 %252, -1
  %254 = mul nsw i64 %253, %246
  %255 = add nsw i64 %254, %210
  %256 = add nuw nsw i32 %211, 1
  %257 = icmp eq i32 %256, %113
  br i1 %257, label %258, label %209, !llvm.loop !30

258:                                              ; preds = %248, %213, %200, %207
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %10) #13
  %259 = shl nsw i32 %113, 1
  %260 = or disjoint i32 %259, 1
  br label %295

261:                                              ; preds = %98
  %262 = icmp eq ptr %106, null
  br i1 %262, label %263, label %267

263:                                              ; preds = %261
  %264 = trunc nuw nsw i64 %99 to i32
  %265 = shl i32 %264, 8
  %266 = add i32 %265, 257
  br label %629

267:                                              ; preds = %261
  %268 = getelementptr inbounds i8, ptr %102, i64 4
  %269 = load i32, ptr %268, align 4, !tbaa !20
  %270 = add nsw i32 %269, 7
  %271 = sdiv i32 %270, 8
  %272 = icmp sgt i32 %269, 0
  br i1 %272, label %273, label %295

273:                                              ; preds = %267
  %274 = sext i32 %100 to i64
  %275 = tail call i32 @llvm.smax.i32(i32 %271, i32 1)
  %276 = zext nneg i32 %275 to i64
  br label %282

277:                                              ; preds = %282
  br i1 %272, label %278, label %295

278:                                              ; preds = %277
  %279 = sext i32 %100 to i64
  %280 = getelementptr inbounds i64, ptr %11, i64 %279
  %281 = zext nneg i32 %269 to i64
  br label %288

282:                                              ; preds = %273, %282
  %283 = phi i64 [ 0, %273 ], [ %286, %282 ]
  %284 = add nsw i64 %283, %274
  %285 = getelementptr inbounds [512 x i64], ptr %11, i64 0, i64 %284
  store i64 0, ptr %285, align 8, !tbaa !4
  %286 = add nuw nsw i64 %283, 1
  %287 = icmp eq i64 %286, %276
  br i1 %287, label %277, label %282, !llvm.loop !31

288:                                              ; preds = %278, %288
  %289 = phi i64 [ 0, %278 ], [ %293, %288 ]
  %290 = getelementptr inbounds i8, ptr %106, i64 %289
  %291 = load i8, ptr %290, align 1, !tbaa !32
  %292 = getelementptr inbounds i8, ptr %280, i64 %289
  store i8 %291, ptr %292, align 1, !tbaa !32
  %293 = add nuw nsw i64 %289, 1
  %294 = icmp ult i64 %293, %281
  br i1 %294, label %288, label %295, !llvm.loop !33

295:                                              ; preds = %288, %267, %277, %258
  %296 = phi i32 [ %201, %258 ], [ %101, %277 ], [ %101, %267 ], [ %101, %288 ]
  %297 = phi i32 [ %260, %258 ], [ %271, %277 ], [ %271, %267 ], [ %271, %288 ]
  %298 = add nsw i32 %297, %100
  %299 = add nuw nsw i64 %99, 1
  %300 = icmp eq i64 %299, %97
  br i1 %300, label %311, label %98, !llvm.loop !34

301:                                              ; preds = %107, %115
  %302 = trunc nuw nsw i64 %99 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %10) #13
  %303 = shl i32 %302, 8
  %304 = add i32 %303, 257
  br label %629

305:                                              ; preds = %155, %146, %132, %137, %169, %242
  %306 = phi i32 [ 5, %242 ], [ 4, %169 ], [ 3, %137 ], [ 3, %132 ], [ 4, %155 ], [ 1, %146 ]
  %307 = trunc nuw nsw i64 %99 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %10) #13
  %308 = shl i32 %307, 8
  %309 = add i32 %308, 256
  %310 = or disjoint i32 %306, %309
  br label %629

311:                                              ; preds = %295, %91
  %312 = phi i32 [ 0, %91 ], [ %296, %295 ]
  %313 = load atomic i32, ptr @level_known monotonic, align 4
  %314 = icmp eq i32 %313, 0
  br i1 %314, label %315, label %316

315:                                              ; preds = %311
  store atomic i32 2, ptr @level_known monotonic, align 4
  br label %316

316:                                              ; preds = %315, %311
  %317 = phi i32 [ %313, %311 ], [ 2, %315 ]
  %318 = getelementptr inbounds i8, ptr %0, i64 20
  %319 = load i32, ptr %318, align 4, !tbaa !35
  %320 = icmp sgt i32 %319, 0
  br i1 %320, label %321, label %629

321:                                              ; preds = %316
  %322 = icmp ne i64 %62, %59
  %323 = icmp ne i64 %77, %75
  %324 = icmp ne i64 %37, %34
  %325 = getelementptr inbounds i8, ptr %0, i64 8
  %326 = load ptr, ptr %325, align 8, !tbaa !36
  %327 = zext nneg i32 %319 to i64
  %328 = mul nuw nsw i64 %51, %26
  %329 = icmp sgt i64 %328, 1
  br label %330

330:                                              ; preds = %386, %321
  %331 = phi i64 [ 0, %321 ], [ %388, %386 ]
  %332 = phi ptr [ null, %321 ], [ %387, %386 ]
  %333 = getelementptr inbounds %struct.Way, ptr %326, i64 %331
  %334 = getelementptr inbounds i8, ptr %333, i64 40
  %335 = load i32, ptr %334, align 8, !tbaa !37
  %336 = icmp sgt i32 %335, %317
  br i1 %336, label %386, label %337

337:                                              ; preds = %330
  %338 = getelementptr inbounds i8, ptr %333, i64 44
  %339 = load i32, ptr %338, align 4, !tbaa !40
  %340 = icmp eq i32 %339, %312
  br i1 %340, label %341, label %386

341:                                              ; preds = %337
  %342 = icmp eq ptr %332, null
  br i1 %342, label %347, label %343

343:                                              ; preds = %341
  %344 = getelementptr inbounds i8, ptr %332, i64 40
  %345 = load i32, ptr %344, align 8, !tbaa !37
  %346 = icmp slt i32 %335, %345
  br i1 %346, label %392, label %347

347:                                              ; preds = %343, %341
  %348 = getelementptr inbounds i8, ptr %333, i64 60
  %349 = load i32, ptr %348, align 4, !tbaa !41
  %350 = icmp eq i32 %349, 0
  br i1 %350, label %359, label %351

351:                                              ; preds = %347
  %352 = getelementptr inbounds i8, ptr %333, i64 56
  %353 = load i32, ptr %352, align 8, !tbaa !42
  %354 = add nsw i32 %353, -1
  %355 = sext i32 %354 to i64
  %356 = and i64 %17, %355
  %357 = icmp ne i64 %356, 0
  %358 = select i1 %357, i1 %329, i1 false
  br label %359

359:                                              ; preds = %351, %347
  %360 = phi i1 [ false, %347 ], [ %358, %351 ]
  %361 = zext i1 %360 to i32
  %362 = getelementptr inbounds i8, ptr %333, i64 48
  %363 = load i32, ptr %362, align 8, !tbaa !43
  %364 = icmp eq i32 %363, %361
  br i1 %364, label %365, label %386

365:                                              ; preds = %359
  %366 = getelementptr inbounds i8, ptr %333, i64 64
  %367 = load i32, ptr %366, align 8, !tbaa !8
  %368 = icmp eq i32 %367, 0
  %369 = select i1 %368, i1 true, i1 %322
  %370 = select i1 %369, i1 true, i1 %324
  %371 = select i1 %370, i1 true, i1 %323
  %372 = select i1 %368, ptr %333, ptr %332
  br i1 %371, label %386, label %373

373:                                              ; preds = %365
  %374 = sext i32 %367 to i64
  %375 = icmp eq i64 %17, %374
  br i1 %375, label %376, label %386

376:                                              ; preds = %373
  %377 = getelementptr inbounds i8, ptr %333, i64 68
  %378 = load i32, ptr %377, align 4, !tbaa !8
  %379 = sext i32 %378 to i64
  %380 = icmp eq i64 %26, %379
  br i1 %380, label %381, label %386

381:                                              ; preds = %376
  %382 = getelementptr inbounds i8, ptr %333, i64 72
  %383 = load i32, ptr %382, align 8, !tbaa !8
  %384 = sext i32 %383 to i64
  %385 = icmp eq i64 %51, %384
  br i1 %385, label %392, label %386

386:                                              ; preds = %381, %376, %373, %365, %359, %337, %330
  %387 = phi ptr [ %332, %381 ], [ %372, %365 ], [ %332, %373 ], [ %332, %376 ], [ %332, %359 ], [ %332, %330 ], [ %332, %337 ]
  %388 = add nuw nsw i64 %331, 1
  %389 = icmp eq i64 %388, %327
  br i1 %389, label %390, label %330, !llvm.loop !44

390:                                              ; preds = %386
  %391 = icmp eq ptr %387, null
  br i1 %391, label %629, label %392

392:                                              ; preds = %381, %343, %390
  %393 = phi ptr [ %387, %390 ], [ %332, %343 ], [ %333, %381 ]
  %394 = icmp eq i64 %77, 0
  %395 = icmp eq i64 %37, 0
  %396 = or i1 %394, %395
  %397 = icmp eq i64 %62, 0
  %398 = or i1 %396, %397
  br i1 %398, label %629, label %399

399:                                              ; preds = %392
  call void @llvm.lifetime.start.p0(i64 72, ptr nonnull %6) #13
  tail call void @llvm.experimental.noalias.scope.decl(metadata !45)
  call void @llvm.memcpy.p0.p0.i64(ptr noundef nonnull align 8 dereferenceable(72) %6, ptr noundef nonnull readonly align 8 dereferenceable(72) %1, i64 72, i1 false), !tbaa.struct !48
  %400 = getelementptr inbounds i8, ptr %393, i64 80
  %401 = load i32, ptr %400, align 8, !tbaa !49, !noalias !45
  %402 = icmp eq i32 %401, 3
  %403 = select i1 %402, i32 2, i32 %401
  %404 = zext i1 %402 to i64
  %405 = getelementptr inbounds i64, ptr %6, i64 %404
  %406 = load i64, ptr %405, align 8, !tbaa !4, !alias.scope !45
  %407 = sext i32 %403 to i64
  %408 = getelementptr inbounds i64, ptr %6, i64 %407
  %409 = load i64, ptr %408, align 8, !tbaa !4, !alias.scope !45
  store i64 %409, ptr %405, align 8, !tbaa !4, !alias.scope !45
  store i64 %406, ptr %408, align 8, !tbaa !4, !alias.scope !45
  %410 = getelementptr inbounds i8, ptr %6, i64 24
  %411 = getelementptr inbounds i64, ptr %410, i64 %404
  %412 = load i64, ptr %411, align 8, !tbaa !4, !alias.scope !45
  %413 = getelementptr inbounds i64, ptr %410, i64 %407
  %414 = load i64, ptr %413, align 8, !tbaa !4, !alias.scope !45
  store i64 %414, ptr %411, align 8, !tbaa !4, !alias.scope !45
  store i64 %412, ptr %413, align 8, !tbaa !4, !alias.scope !45
  %415 = getelementptr inbounds i8, ptr %6, i64 48
  %416 = getelementptr inbounds i64, ptr %415, i64 %404
  %417 = load i64, ptr %416, align 8, !tbaa !4, !alias.scope !45
  %418 = getelementptr inbounds i64, ptr %415, i64 %407
  %419 = load i64, ptr %418, align 8, !tbaa !4, !alias.scope !45
  store i64 %419, ptr %416, align 8, !tbaa !4, !alias.scope !45
  store i64 %417, ptr %418, align 8, !tbaa !4, !alias.scope !45
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %7) #13
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %7, ptr noundef nonnull readonly %393, ptr noundef nonnull %6, i64 noundef 1) #14
  %420 = getelementptr inbounds i8, ptr %7, i64 28
  %421 = load i32, ptr %420, align 4, !tbaa !50
  %422 = icmp eq i32 %421, 0
  br i1 %422, label %423, label %518

423:                                              ; preds = %399
  %424 = load ptr, ptr @others, align 8, !tbaa !10
  %425 = icmp eq ptr %424, null
  br i1 %425, label %428, label %426

426:                                              ; preds = %423
  %427 = load i64, ptr @others_workers, align 8, !tbaa !4
  br label %514

428:                                              ; preds = %423
  %429 = cmpxchg ptr @state, i32 0, i32 1 acq_rel acquire, align 4
  %430 = extractvalue { i32, i1 } %429, 1
  br i1 %430, label %431, label %509

431:                                              ; preds = %428
  %432 = load i32, ptr @wanted, align 4, !tbaa !8
  %433 = icmp sgt i32 %432, 0
  br i1 %433, label %434, label %436

434:                                              ; preds = %431
  %435 = zext nneg i32 %432 to i64
  br label %476

436:                                              ; preds = %431
  %437 = tail call ptr @getenv(ptr noundef nonnull @.str.9) #12
  %438 = icmp eq ptr %437, null
  br i1 %438, label %461, label %439

439:                                              ; preds = %436
  %440 = load i8, ptr %437, align 1, !tbaa !32
  %441 = icmp ugt i8 %440, 47
  br i1 %441, label %442, label %461

442:                                              ; preds = %439, %449
  %443 = phi i8 [ %456, %449 ], [ %440, %439 ]
  %444 = phi ptr [ %452, %449 ], [ %437, %439 ]
  %445 = phi i64 [ %455, %449 ], [ 0, %439 ]
  %446 = icmp ult i8 %443, 58
  %447 = icmp slt i64 %445, 1024
  %448 = select i1 %446, i1 %447, i1 false
  br i1 %448, label %449, label %458

449:                                              ; preds = %442
  %450 = zext nneg i8 %443 to i64
  %451 = mul nsw i64 %445, 10
  %452 = getelementptr inbounds i8, ptr %444, i64 1
  %453 = add nuw nsw i64 %450, 4294967248
  %454 = and i64 %453, 4294967295
  %455 = add nsw i64 %454, %451
  %456 = load i8, ptr %452, align 1, !tbaa !32
  %457 = icmp ugt i8 %456, 47
  br i1 %457, label %442, label %458

458:                                              ; preds = %449, %442
  %459 = phi i64 [ %455, %449 ], [ %445, %442 ]
  %460 = icmp sgt i64 %459, 0
  br i1 %460, label %476, label %461

461:                                              ; preds = %458, %439, %436
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %5) #13
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 8 dereferenceable(1024) %5, i8 0, i64 1024, i1 false)
  %462 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %5) #12
  %463 = icmp sgt i32 %462, -1
  br i1 %463, label %464, label %473

464:                                              ; preds = %461, %464
  %465 = phi i64 [ %471, %464 ], [ 0, %461 ]
  %466 = phi i64 [ %470, %464 ], [ 0, %461 ]
  %467 = getelementptr inbounds [128 x i64], ptr %5, i64 0, i64 %465
  %468 = load i64, ptr %467, align 8, !tbaa !4
  %469 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %468)
  %470 = add nuw nsw i64 %469, %466
  %471 = add nuw nsw i64 %465, 1
  %472 = icmp eq i64 %471, 128
  br i1 %472, label %473, label %464, !llvm.loop !52

473:                                              ; preds = %464, %461
  %474 = phi i64 [ 0, %461 ], [ %470, %464 ]
  %475 = call i64 @llvm.smax.i64(i64 %474, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %5) #13
  br label %476

476:                                              ; preds = %473, %458, %434
  %477 = phi i64 [ %435, %434 ], [ %475, %473 ], [ %459, %458 ]
  %478 = call i64 @llvm.umin.i64(i64 %477, i64 1024)
  %479 = icmp ugt i64 %477, 1
  br i1 %479, label %482, label %480

480:                                              ; preds = %476
  %481 = load i64, ptr @started, align 8, !tbaa !4
  br label %505

482:                                              ; preds = %476
  %483 = load i1, ptr @workers.registered, align 4
  br i1 %483, label %486, label %484

484:                                              ; preds = %482
  store i1 true, ptr @workers.registered, align 4
  %485 = call i32 @__register_atfork(ptr noundef null, ptr noundef null, ptr noundef nonnull @without_pool, ptr noundef null) #12
  br label %486

486:                                              ; preds = %484, %482
  %487 = add nsw i64 %478, -1
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %4) #13
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 8 dereferenceable(1024) %4, i8 0, i64 1024, i1 false)
  %488 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %4) #12
  %489 = icmp sgt i32 %488, -1
  br i1 %489, label %490, label %499

490:                                              ; preds = %486, %490
  %491 = phi i64 [ %497, %490 ], [ 0, %486 ]
  %492 = phi i64 [ %496, %490 ], [ 0, %486 ]
  %493 = getelementptr inbounds [128 x i64], ptr %4, i64 0, i64 %491
  %494 = load i64, ptr %493, align 8, !tbaa !4
  %495 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %494)
  %496 = add nuw nsw i64 %495, %492
  %497 = add nuw nsw i64 %491, 1
  %498 = icmp eq i64 %497, 128
  br i1 %498, label %499, label %490, !llvm.loop !52

499:                                              ; preds = %490, %486
  %500 = phi i64 [ 0, %486 ], [ %496, %490 ]
  %501 = call i64 @llvm.smax.i64(i64 %500, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %4) #13
  %502 = icmp ugt i64 %478, %501
  %503 = select i1 %502, i32 20, i32 10000
  %504 = call i64 @kdsl_pool_start(ptr noundef nonnull @handles, i64 noundef %487, i32 noundef %503) #12
  store i64 %504, ptr @started, align 8, !tbaa !4
  br label %505

505:                                              ; preds = %499, %480
  %506 = phi i64 [ %481, %480 ], [ %504, %499 ]
  %507 = icmp eq i64 %506, 0
  %508 = select i1 %507, i32 3, i32 2
  store atomic i32 %508, ptr @state release, align 4
  br label %509

509:                                              ; preds = %505, %428
  %510 = load atomic i32, ptr @state acquire, align 4
  %511 = icmp eq i32 %510, 2
  %512 = load i64, ptr @started, align 8
  %513 = add nsw i64 %512, 1
  br i1 %511, label %514, label %518

514:                                              ; preds = %509, %426
  %515 = phi i64 [ %427, %426 ], [ %513, %509 ]
  %516 = icmp sgt i64 %515, 1
  br i1 %516, label %517, label %518

517:                                              ; preds = %514
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %7, ptr noundef readonly %393, ptr noundef nonnull %6, i64 noundef %515) #14
  br label %518

518:                                              ; preds = %517, %514, %509, %399
  %519 = phi i64 [ 1, %399 ], [ %515, %517 ], [ %515, %514 ], [ 1, %509 ]
  call void @llvm.lifetime.start.p0(i64 128, ptr nonnull %8) #13
  %520 = load i64, ptr %6, align 8, !tbaa !4
  store i64 %520, ptr %8, align 8, !tbaa !4
  %521 = getelementptr inbounds i8, ptr %8, i64 8
  %522 = getelementptr inbounds i8, ptr %6, i64 8
  %523 = load i64, ptr %522, align 8, !tbaa !4
  store i64 %523, ptr %521, align 8, !tbaa !4
  %524 = getelementptr inbounds i8, ptr %8, i64 16
  %525 = getelementptr inbounds i8, ptr %6, i64 16
  %526 = load i64, ptr %525, align 8, !tbaa !4
  store i64 %526, ptr %524, align 8, !tbaa !4
  %527 = getelementptr inbounds i8, ptr %8, i64 24
  %528 = load i64, ptr %410, align 8, !tbaa !4
  store i64 %528, ptr %527, align 8, !tbaa !4
  %529 = getelementptr inbounds i8, ptr %8, i64 32
  %530 = getelementptr inbounds i8, ptr %6, i64 32
  %531 = load i64, ptr %530, align 8, !tbaa !4
  store i64 %531, ptr %529, align 8, !tbaa !4
  %532 = getelementptr inbounds i8, ptr %8, i64 40
  %533 = getelementptr inbounds i8, ptr %6, i64 40
  %534 = load i64, ptr %533, align 8, !tbaa !4
  store i64 %534, ptr %532, align 8, !tbaa !4
  %535 = getelementptr inbounds i8, ptr %8, i64 48
  %536 = load i64, ptr %415, align 8, !tbaa !4
  store i64 %536, ptr %535, align 8, !tbaa !4
  %537 = getelementptr inbounds i8, ptr %8, i64 56
  %538 = getelementptr inbounds i8, ptr %6, i64 56
  %539 = load i64, ptr %538, align 8, !tbaa !4
  store i64 %539, ptr %537, align 8, !tbaa !4
  %540 = getelementptr inbounds i8, ptr %8, i64 64
  %541 = getelementptr inbounds i8, ptr %6, i64 64
  %542 = load i64, ptr %541, align 8, !tbaa !4
  store i64 %542, ptr %540, align 8, !tbaa !4
  %543 = getelementptr inbounds i8, ptr %8, i64 72
  %544 = getelementptr inbounds i8, ptr %7, i64 16
  %545 = load i64, ptr %544, align 8, !tbaa !53
  store i64 %545, ptr %543, align 8, !tbaa !4
  %546 = getelementptr inbounds i8, ptr %8, i64 80
  store i64 0, ptr %546, align 8, !tbaa !4
  %547 = getelementptr inbounds i8, ptr %8, i64 88
  store i64 0, ptr %547, align 8, !tbaa !4
  %548 = getelementptr inbounds i8, ptr %8, i64 96
  store i64 0, ptr %548, align 8, !tbaa !4
  %549 = getelementptr inbounds i8, ptr %8, i64 104
  %550 = getelementptr inbounds i8, ptr %7, i64 32
  %551 = load i32, ptr %550, align 8, !tbaa !54
  %552 = sext i32 %551 to i64
  store i64 %552, ptr %549, align 8, !tbaa !4
  %553 = getelementptr inbounds i8, ptr %8, i64 112
  store i64 0, ptr %553, align 8, !tbaa !4
  %554 = getelementptr inbounds i8, ptr %8, i64 120
  store i64 0, ptr %554, align 8, !tbaa !4
  %555 = getelementptr inbounds i8, ptr %393, i64 16
  %556 = load i64, ptr %555, align 8, !tbaa !55
  %557 = icmp eq i64 %556, 0
  %558 = getelementptr inbounds i8, ptr %393, i64 24
  %559 = load i64, ptr %558, align 8, !tbaa !56
  %560 = icmp eq i64 %559, 0
  %561 = select i1 %557, i1 %560, i1 false
  br i1 %561, label %562, label %565

562:                                              ; preds = %518
  %563 = getelementptr inbounds i8, ptr %7, i64 24
  %564 = load i32, ptr %563, align 8, !tbaa !57
  br label %589

565:                                              ; preds = %518
  %566 = getelementptr inbounds i8, ptr %393, i64 56
  %567 = load i32, ptr %566, align 8, !tbaa !42
  %568 = sext i32 %567 to i64
  %569 = add i64 %528, -1
  %570 = add i64 %569, %568
  %571 = sub nsw i64 0, %568
  %572 = and i64 %570, %571
  %573 = add i64 %556, 63
  %574 = mul i64 %534, %531
  %575 = mul i64 %574, %559
  %576 = mul i64 %575, %572
  %577 = or i64 %573, 63
  %578 = add i64 %576, %577
  %579 = and i64 %578, -64
  %580 = getelementptr inbounds i8, ptr %7, i64 24
  %581 = load i32, ptr %580, align 8, !tbaa !57
  %582 = icmp eq i32 %581, 0
  %583 = select i1 %582, i64 1, i64 %519
  %584 = mul nsw i64 %579, %583
  %585 = call ptr @aligned_alloc(i64 noundef 64, i64 noundef %584) #12
  %586 = icmp eq ptr %585, null
  br i1 %586, label %627, label %587

587:                                              ; preds = %565
  %588 = ptrtoint ptr %585 to i64
  store i64 %588, ptr %546, align 8, !tbaa !4
  store i64 %579, ptr %547, align 8, !tbaa !4
  br label %589

589:                                              ; preds = %587, %562
  %590 = phi i32 [ %581, %587 ], [ %564, %562 ]
  %591 = phi ptr [ %585, %587 ], [ null, %562 ]
  %592 = icmp ne i32 %590, 0
  %593 = load ptr, ptr @others, align 8
  %594 = icmp ne ptr %593, null
  %595 = select i1 %592, i1 %594, i1 false
  br i1 %595, label %596, label %609

596:                                              ; preds = %589
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %9) #13
  %597 = load ptr, ptr %393, align 8, !tbaa !58
  store ptr %597, ptr %9, align 8, !tbaa !59
  %598 = getelementptr inbounds i8, ptr %9, i64 8
  store ptr %11, ptr %598, align 8, !tbaa !61
  %599 = getelementptr inbounds i8, ptr %9, i64 16
  store ptr %8, ptr %599, align 8, !tbaa !62
  %600 = getelementptr inbounds i8, ptr %9, i64 24
  %601 = load i64, ptr %7, align 8, !tbaa !63
  store i64 %601, ptr %600, align 8, !tbaa !64
  %602 = getelementptr inbounds i8, ptr %9, i64 32
  %603 = getelementptr inbounds i8, ptr %7, i64 8
  %604 = load i64, ptr %603, align 8, !tbaa !65
  store i64 %604, ptr %602, align 8, !tbaa !66
  %605 = load ptr, ptr @others_context, align 8, !tbaa !10
  %606 = add i64 %601, -1
  %607 = add i64 %606, %604
  %608 = sdiv i64 %607, %604
  call void %593(ptr noundef %605, ptr noundef nonnull @piece, ptr noundef nonnull %9, i64 noundef %608) #12
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %9) #13
  br label %624

609:                                              ; preds = %589
  %610 = load i64, ptr %7, align 8, !tbaa !63
  br i1 %592, label %611, label %622

611:                                              ; preds = %609
  %612 = load ptr, ptr %393, align 8, !tbaa !58
  %613 = getelementptr inbounds i8, ptr %393, i64 84
  %614 = load i32, ptr %613, align 4, !tbaa !67
  %615 = icmp eq i32 %614, 0
  %616 = getelementptr inbounds i8, ptr %7, i64 8
  %617 = load i64, ptr %616, align 8
  %618 = sub nsw i64 0, %617
  %619 = select i1 %615, i64 %617, i64 %618
  %620 = call i64 @kdsl_pool_run(ptr noundef %612, ptr noundef nonnull %11, ptr noundef nonnull %8, i64 noundef %610, i64 noundef %619) #12
  %621 = icmp eq i64 %620, 0
  br i1 %621, label %622, label %624

622:                                              ; preds = %611, %609
  %623 = load ptr, ptr %393, align 8, !tbaa !58
  call void %623(ptr noundef nonnull %11, ptr noundef nonnull %8, i64 noundef 0, i64 noundef %610, i64 noundef 0) #12
  br label %624

624:                                              ; preds = %622, %611, %596
  %625 = icmp eq ptr %591, null
  br i1 %625, label %627, label %626

626:                                              ; preds = %624
  call void @free(ptr noundef nonnull %591) #12
  br label %627

627:                                              ; preds = %565, %624, %626
  %628 = phi i32 [ 0, %626 ], [ 0, %624 ], [ 6, %565 ]
  call void @llvm.lifetime.end.p0(i64 128, ptr nonnull %8) #13
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %7) #13
  call void @llvm.lifetime.end.p0(i64 72, ptr nonnull %6) #13
  br label %629

629:                                              ; preds = %305, %316, %72, %13, %81, %76, %22, %31, %35, %41, %47, %56, %60, %66, %301, %263, %627, %390, %392, %87, %3
  %630 = phi i32 [ %310, %305 ], [ 1, %3 ], [ 2, %87 ], [ %628, %627 ], [ 7, %390 ], [ 0, %392 ], [ %266, %263 ], [ %304, %301 ], [ 2, %66 ], [ 2, %60 ], [ 2, %56 ], [ 2, %47 ], [ 2, %41 ], [ 2, %35 ], [ 2, %31 ], [ 2, %22 ], [ 2, %76 ], [ 2, %81 ], [ 2, %13 ], [ 2, %72 ], [ 7, %316 ]
  call void @llvm.lifetime.end.p0(i64 4096, ptr nonnull %11) #13
  ret i32 %630
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(none)
define ptr @KDSL_error_text(i32 noundef %0) local_unnamed_addr #4 {
  %2 = and i32 %0, 255
  %3 = icmp ult i32 %2, 8
  br i1 %3, label %4, label %8

4:                                                ; preds = %1
  %5 = zext nneg i32 %2 to i64
  %6 = shl i64 %5, 2
  %7 = call ptr @llvm.load.relative.i64(ptr @KDSL_error_text.texts.rel, i64 %6)
  br label %8

8:                                                ; preds = %1, %4
  %9 = phi ptr [ %7, %4 ], [ @.str.8, %1 ]
  ret ptr %9
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare { i64, i1 } @llvm.smul.with.overflow.i64(i64, i64) #5

; Function Attrs: nounwind
define internal fastcc void @make_plan(ptr dead_on_unwind noalias nocapture writable writeonly sret(%struct.Plan) align 8 %0, ptr nocapture noundef readonly %1, ptr nocapture noundef readonly %2, i64 noundef %3) unnamed_addr #0 {
  %5 = getelementptr inbounds i8, ptr %2, i64 48
  %6 = load i64, ptr %5, align 8, !tbaa !4
  %7 = getelementptr inbounds i8, ptr %2, i64 56
  %8 = load i64, ptr %7, align 8, !tbaa !4
  %9 = getelementptr inbounds i8, ptr %2, i64 64
  %10 = load i64, ptr %9, align 8, !tbaa !4
  %11 = mul nsw i64 %10, %8
  %12 = mul nsw i64 %11, %6
  %13 = getelementptr inbounds i8, ptr %1, i64 8
  %14 = load double, ptr %13, align 8, !tbaa !68
  %15 = fcmp ogt double %14, 1.000000e-02
  %16 = select i1 %15, double %14, double 1.000000e-02
  %17 = getelementptr inbounds i8, ptr %0, i64 8
  %18 = getelementptr inbounds i8, ptr %0, i64 16
  %19 = getelementptr inbounds i8, ptr %1, i64 56
  %20 = load i32, ptr %19, align 8, !tbaa !42
  %21 = sext i32 %20 to i64
  store i64 %21, ptr %18, align 8, !tbaa !53
  %22 = getelementptr inbounds i8, ptr %0, i64 24
  store i32 0, ptr %22, align 8, !tbaa !57
  %23 = getelementptr inbounds i8, ptr %0, i64 28
  %24 = sitofp i64 %12 to double
  %25 = fmul double %16, %24
  %26 = fcmp olt double %25, 1.500000e+04
  %27 = zext i1 %26 to i32
  store i32 %27, ptr %23, align 4, !tbaa !50
  %28 = getelementptr inbounds i8, ptr %0, i64 32
  %29 = icmp eq i64 %3, 1
  %30 = or i1 %29, %26
  %31 = getelementptr inbounds i8, ptr %1, i64 32
  %32 = load i64, ptr %31, align 8, !tbaa !69
  %33 = icmp eq i64 %32, 0
  br i1 %33, label %45, label %34

34:                                               ; preds = %4
  %35 = mul nsw i64 %32, %6
  %36 = icmp sgt i64 %35, 4095
  br i1 %36, label %37, label %45

37:                                               ; preds = %34
  %38 = mul nsw i64 %35, %11
  %39 = tail call i64 @sysconf(i32 noundef 194) #12
  %40 = icmp sgt i64 %39, 0
  %41 = sdiv i64 %39, 2
  %42 = select i1 %40, i64 %41, i64 16777216
  %43 = icmp sgt i64 %38, %42
  %44 = zext i1 %43 to i32
  br label %45

45:                                               ; preds = %4, %34, %37
  %46 = phi i32 [ 0, %4 ], [ 0, %34 ], [ %44, %37 ]
  store i32 %46, ptr %28, align 8, !tbaa !54
  %47 = getelementptr inbounds i8, ptr %1, i64 52
  %48 = load i32, ptr %47, align 4, !tbaa !70
  %49 = icmp eq i32 %48, 0
  br i1 %49, label %50, label %93

50:                                               ; preds = %45
  %51 = getelementptr inbounds i8, ptr %2, i64 24
  %52 = load i64, ptr %51, align 8, !tbaa !4
  %53 = getelementptr inbounds i8, ptr %2, i64 32
  %54 = load i64, ptr %53, align 8, !tbaa !4
  %55 = mul nsw i64 %54, %52
  %56 = getelementptr inbounds i8, ptr %2, i64 40
  %57 = load i64, ptr %56, align 8, !tbaa !4
  %58 = mul nsw i64 %55, %57
  %59 = load i64, ptr %2, align 8, !tbaa !4
  %60 = getelementptr inbounds i8, ptr %2, i64 8
  %61 = load i64, ptr %60, align 8, !tbaa !4
  %62 = mul nsw i64 %61, %59
  %63 = getelementptr inbounds i8, ptr %2, i64 16
  %64 = load i64, ptr %63, align 8, !tbaa !4
  %65 = mul nsw i64 %62, %64
  store i64 %65, ptr %0, align 8, !tbaa !63
  %66 = uitofp nneg i64 %3 to double
  %67 = fdiv double 1.000000e+04, %16
  %68 = fdiv double 2.000000e+05, %16
  %69 = fmul double %66, 1.600000e+01
  %70 = fdiv double %24, %69
  %71 = fcmp olt double %70, %68
  %72 = select i1 %71, double %70, double %68
  %73 = fcmp ogt double %67, %72
  %74 = select i1 %73, double %67, double %72
  %75 = sitofp i64 %58 to double
  %76 = fdiv double %74, %75
  %77 = fptosi double %76 to i64
  %78 = add i64 %3, -1
  %79 = add i64 %78, %65
  %80 = sdiv i64 %79, %3
  %81 = getelementptr inbounds i8, ptr %1, i64 76
  %82 = load i32, ptr %81, align 4, !tbaa !71
  %83 = sext i32 %82 to i64
  %84 = tail call i64 @llvm.smin.i64(i64 %80, i64 %83)
  %85 = icmp slt i64 %77, 1
  %86 = tail call i64 @llvm.smin.i64(i64 %65, i64 %77)
  %87 = select i1 %85, i64 1, i64 %86
  %88 = tail call i64 @llvm.smax.i64(i64 %84, i64 %87)
  store i64 %88, ptr %17, align 8, !tbaa !65
  %89 = icmp sgt i64 %65, %88
  %90 = xor i1 %30, true
  %91 = select i1 %90, i1 %89, i1 false
  %92 = zext i1 %91 to i32
  store i32 %92, ptr %22, align 8, !tbaa !57
  br label %182

93:                                               ; preds = %45
  %94 = load i32, ptr %19, align 8, !tbaa !42
  %95 = sext i32 %94 to i64
  %96 = add i64 %6, -1
  %97 = add i64 %96, %95
  %98 = sub nsw i64 0, %95
  %99 = and i64 %97, %98
  %100 = load i64, ptr %7, align 8, !tbaa !4
  %101 = getelementptr inbounds i8, ptr %1, i64 76
  %102 = load i32, ptr %101, align 4, !tbaa !71
  %103 = sext i32 %102 to i64
  %104 = add i64 %100, -1
  %105 = add i64 %104, %103
  %106 = sdiv i64 %105, %103
  %107 = load i64, ptr %9, align 8, !tbaa !4
  %108 = mul nsw i64 %107, %106
  br i1 %30, label %109, label %110

109:                                              ; preds = %93
  store i64 %108, ptr %17, align 8, !tbaa !65
  store i64 %108, ptr %0, align 8, !tbaa !63
  store i64 %99, ptr %18, align 8, !tbaa !53
  br label %182

110:                                              ; preds = %93
  %111 = uitofp nneg i64 %3 to double
  %112 = fdiv double 1.000000e+04, %16
  %113 = fdiv double 2.000000e+05, %16
  %114 = fmul double %111, 1.600000e+01
  %115 = fdiv double %24, %114
  %116 = fcmp olt double %115, %113
  %117 = select i1 %116, double %115, double %113
  %118 = fcmp ogt double %112, %117
  %119 = select i1 %118, double %112, double %117
  %120 = sitofp i32 %102 to double
  %121 = fdiv double %119, %120
  %122 = fcmp olt double %121, 6.553600e+04
  %123 = fptosi double %121 to i64
  %124 = tail call i64 @llvm.smin.i64(i64 %123, i64 65535)
  %125 = select i1 %122, i64 %124, i64 65535
  %126 = add i64 %125, %95
  %127 = and i64 %126, %98
  %128 = tail call i64 @llvm.smin.i64(i64 %127, i64 %99)
  %129 = add i64 %128, %96
  %130 = sdiv i64 %129, %128
  %131 = mul nsw i64 %130, %108
  %132 = shl nsw i64 %3, 4
  %133 = icmp sgt i64 %131, %132
  br i1 %133, label %171, label %134

134:                                              ; preds = %110
  %135 = shl nsw i64 %130, 1
  %136 = icmp sgt i64 %130, %135
  br i1 %136, label %171, label %137

137:                                              ; preds = %134
  %138 = add nsw i64 %95, -1
  %139 = add i64 %3, -1
  br label %140

140:                                              ; preds = %162, %137
  %141 = phi i64 [ %128, %137 ], [ %164, %162 ]
  %142 = phi i64 [ %130, %137 ], [ %165, %162 ]
  %143 = phi i64 [ -1, %137 ], [ %163, %162 ]
  %144 = add i64 %142, %96
  %145 = sdiv i64 %144, %142
  %146 = add i64 %138, %145
  %147 = and i64 %146, %98
  %148 = add i64 %147, %96
  %149 = sdiv i64 %148, %147
  %150 = mul nsw i64 %149, %108
  %151 = add i64 %139, %150
  %152 = sdiv i64 %151, %3
  %153 = mul nsw i64 %147, %152
  %154 = icmp slt i64 %143, 0
  %155 = icmp slt i64 %153, %143
  %156 = select i1 %154, i1 true, i1 %155
  br i1 %156, label %161, label %157

157:                                              ; preds = %140
  %158 = icmp eq i64 %153, %143
  %159 = icmp sgt i64 %147, %141
  %160 = select i1 %158, i1 %159, i1 false
  br i1 %160, label %161, label %162

161:                                              ; preds = %157, %140
  br label %162

162:                                              ; preds = %161, %157
  %163 = phi i64 [ %153, %161 ], [ %143, %157 ]
  %164 = phi i64 [ %147, %161 ], [ %141, %157 ]
  %165 = add i64 %142, 1
  %166 = icmp eq i64 %142, %135
  br i1 %166, label %167, label %140, !llvm.loop !72

167:                                              ; preds = %162
  %168 = add i64 %164, %96
  %169 = sdiv i64 %168, %164
  %170 = mul nsw i64 %169, %108
  br label %171

171:                                              ; preds = %167, %110, %134
  %172 = phi i64 [ %170, %167 ], [ %131, %110 ], [ %131, %134 ]
  %173 = phi i64 [ %164, %167 ], [ %128, %110 ], [ %128, %134 ]
  store i64 %173, ptr %18, align 8, !tbaa !53
  store i64 %172, ptr %0, align 8, !tbaa !63
  %174 = tail call i64 @llvm.smin.i64(i64 %173, i64 %6)
  %175 = mul nsw i64 %174, %103
  %176 = sitofp i64 %175 to double
  %177 = fdiv double %119, %176
  %178 = fptosi double %177 to i64
  %179 = tail call i64 @llvm.smax.i64(i64 %178, i64 1)
  store i64 %179, ptr %17, align 8, !tbaa !65
  %180 = icmp sgt i64 %172, %179
  %181 = zext i1 %180 to i32
  store i32 %181, ptr %22, align 8, !tbaa !57
  br label %182

182:                                              ; preds = %109, %171, %50
  ret void
}

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: readwrite)
declare void @llvm.memcpy.p0.p0.i64(ptr noalias nocapture writeonly, ptr noalias nocapture readonly, i64, i1 immarg) #6

declare ptr @aligned_alloc(i64 noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: nounwind
define internal void @piece(ptr nocapture noundef readonly %0, i64 noundef %1, i64 noundef %2, i64 noundef %3) #0 {
  %5 = getelementptr inbounds i8, ptr %0, i64 32
  %6 = load i64, ptr %5, align 8, !tbaa !66
  %7 = mul nsw i64 %6, %2
  %8 = load ptr, ptr %0, align 8, !tbaa !59
  %9 = getelementptr inbounds i8, ptr %0, i64 8
  %10 = load ptr, ptr %9, align 8, !tbaa !61
  %11 = getelementptr inbounds i8, ptr %0, i64 16
  %12 = load ptr, ptr %11, align 8, !tbaa !62
  %13 = getelementptr inbounds i8, ptr %0, i64 24
  %14 = load i64, ptr %13, align 8, !tbaa !64
  %15 = tail call i64 @llvm.smin.i64(i64 %7, i64 %14)
  %16 = mul nsw i64 %6, %1
  tail call void %8(ptr noundef %10, ptr noundef %12, i64 noundef %16, i64 noundef %15, i64 noundef %3) #12
  ret void
}

declare i64 @kdsl_pool_run(ptr noundef, ptr noundef, ptr noundef, i64 noundef, i64 noundef) local_unnamed_addr #2

declare void @free(ptr noundef) local_unnamed_addr #2

declare i64 @sysconf(i32 noundef) local_unnamed_addr #2

declare i32 @__register_atfork(ptr noundef, ptr noundef, ptr noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none)
define internal void @without_pool() #7 {
  store atomic i32 3, ptr @state release, align 4
  store i64 0, ptr @started, align 8, !tbaa !4
  ret void
}

declare i64 @kdsl_pool_start(ptr noundef, i64 noundef, i32 noundef) local_unnamed_addr #2

declare ptr @getenv(ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: write)
declare void @llvm.memset.p0.i64(ptr nocapture writeonly, i8, i64, i1 immarg) #8

declare i32 @sched_getaffinity(i32 noundef, i64 noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.ctpop.i64(i64) #5

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i32 @llvm.smax.i32(i32, i32) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smin.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smax.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.abs.i64(i64, i1 immarg) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umax.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umin.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: readwrite)
declare void @llvm.experimental.noalias.scope.decl(metadata) #10

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(argmem: read)
declare ptr @llvm.load.relative.i64(ptr, i64) #11

attributes #0 = { nounwind "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #1 = { mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #2 = { "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #3 = { mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none) "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #4 = { mustprogress nofree norecurse nosync nounwind willreturn memory(none) "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #5 = { mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #6 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: readwrite) }
attributes #7 = { mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none) "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #8 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: write) }
attributes #9 = { nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #10 = { nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: readwrite) }
attributes #11 = { nocallback nofree nosync nounwind willreturn memory(argmem: read) }
attributes #12 = { nobuiltin nounwind "no-builtins" }
attributes #13 = { nounwind }
attributes #14 = { nobuiltin "no-builtins" }

!llvm.module.flags = !{!0, !1, !2}

!0 = !{i32 1, !"wchar_size", i32 4}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{i32 7, !"frame-pointer", i32 1}
!3 = !{!"Debian clang version 19.1.7 (3~deb12u1)"}
!4 = !{!5, !5, i64 0}
!5 = !{!"long", !6, i64 0}
!6 = !{!"omnipotent char", !7, i64 0}
!7 = !{!"Simple C/C++ TBAA"}
!8 = !{!9, !9, i64 0}
!9 = !{!"int", !6, i64 0}
!10 = !{!11, !11, i64 0}
!11 = !{!"any pointer", !6, i64 0}
!12 = !{!13, !9, i64 16}
!13 = !{!"", !11, i64 0, !11, i64 8, !9, i64 16, !9, i64 20}
!14 = !{!13, !11, i64 0}
!15 = !{!16, !9, i64 0}
!16 = !{!"", !9, i64 0, !9, i64 4, !9, i64 8, !9, i64 12, !9, i64 16, !9, i64 20}
!17 = !{!16, !9, i64 8}
!18 = !{!19, !11, i64 8}
!19 = !{!"", !11, i64 0, !11, i64 8, !11, i64 16}
!20 = !{!16, !9, i64 4}
!21 = distinct !{!21, !22}
!22 = !{!"llvm.loop.mustprogress"}
!23 = !{!19, !11, i64 16}
!24 = !{!19, !11, i64 0}
!25 = !{!16, !9, i64 16}
!26 = distinct !{!26, !22}
!27 = !{!16, !9, i64 12}
!28 = !{!16, !9, i64 20}
!29 = distinct !{!29, !22}
!30 = distinct !{!30, !22}
!31 = distinct !{!31, !22}
!32 = !{!6, !6, i64 0}
!33 = distinct !{!33, !22}
!34 = distinct !{!34, !22}
!35 = !{!13, !9, i64 20}
!36 = !{!13, !11, i64 8}
!37 = !{!38, !9, i64 40}
!38 = !{!"", !11, i64 0, !39, i64 8, !5, i64 16, !5, i64 24, !5, i64 32, !9, i64 40, !9, i64 44, !9, i64 48, !9, i64 52, !9, i64 56, !9, i64 60, !6, i64 64, !9, i64 76, !9, i64 80, !9, i64 84}
!39 = !{!"double", !6, i64 0}
!40 = !{!38, !9, i64 44}
!41 = !{!38, !9, i64 60}
!42 = !{!38, !9, i64 56}
!43 = !{!38, !9, i64 48}
!44 = distinct !{!44, !22}
!45 = !{!46}
!46 = distinct !{!46, !47, !"turned: argument 0"}
!47 = distinct !{!47, !"turned"}
!48 = !{i64 0, i64 24, !32, i64 24, i64 24, !32, i64 48, i64 24, !32}
!49 = !{!38, !9, i64 80}
!50 = !{!51, !9, i64 28}
!51 = !{!"", !5, i64 0, !5, i64 8, !5, i64 16, !9, i64 24, !9, i64 28, !9, i64 32}
!52 = distinct !{!52, !22}
!53 = !{!51, !5, i64 16}
!54 = !{!51, !9, i64 32}
!55 = !{!38, !5, i64 16}
!56 = !{!38, !5, i64 24}
!57 = !{!51, !9, i64 24}
!58 = !{!38, !11, i64 0}
!59 = !{!60, !11, i64 0}
!60 = !{!"", !11, i64 0, !11, i64 8, !11, i64 16, !5, i64 24, !5, i64 32}
!61 = !{!60, !11, i64 8}
!62 = !{!60, !11, i64 16}
!63 = !{!51, !5, i64 0}
!64 = !{!60, !5, i64 24}
!65 = !{!51, !5, i64 8}
!66 = !{!60, !5, i64 32}
!67 = !{!38, !9, i64 84}
!68 = !{!38, !39, i64 8}
!69 = !{!38, !5, i64 32}
!70 = !{!38, !9, i64 52}
!71 = !{!38, !9, i64 76}
!72 = distinct !{!72, !22}
